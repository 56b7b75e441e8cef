import type { Readable, Writable } from 'node:stream';
import { createArgumentValidator } from './batch/plan/argument-validator.ts';
import { checkRecipe } from './batch/recipe/check-recipe.ts';
import { offerRecipe, type OfferedRecipe } from './batch/recipe/offer-recipe.ts';
import type { Catalog } from './catalog/build-catalog.ts';
import type { Config, ServerConfig } from './config/config.ts';
import { loadConfig as loadFiles, type LoadConfigOptions } from './config/load-config.ts';
import type { JsonObject } from './core/json.ts';
import type { Client } from './core/protocol/client.ts';
import type { Logger } from './lib/logger.ts';
import { createMonotonicClock } from './lib/monotonic-clock.ts';
import { packageVersion } from './lib/version.ts';
import { createScheduler, type Scheduler, type SchedulerServer } from './schedule/scheduler.ts';
import type { Engine, Reception } from './serve/engine.ts';
import { serveHttp, type HttpListener } from './serve/http/serve-http.ts';
import { createLiveCatalog, type LiveCatalog } from './serve/live-catalog.ts';
import { callRecipe, type RecipeInput } from './serve/recipe/call-recipe.ts';
import { createRecentResults } from './serve/recent-results.ts';
import { runBatch, type BatchInput } from './serve/run-batch.ts';
import { toSetup } from './serve/setup.ts';
import { serveStdio, type ClientConnection } from './serve/stdio/serve-stdio.ts';
import { createFleet, type JoinedLink } from './upstream/fleet.ts';
import type { FleetGroup } from './upstream/link/fleet-group.ts';
import { when } from './upstream/pace/when.ts';
import type { UpstreamState } from './upstream/upstream.ts';

/**
 * On a first start, with nothing kept for its capabilities, a client's `tools/list` is answered this long after its group was opened at the latest. Clients are promised four
 * seconds (opencode gives up at five), and starting Node takes its part of them.
 */
const firstListMs = 3_300;

/** The whole program but for its command line: upstreams, scheduler and the client's side, introduced to each other. */
export interface Proxy {
  config: Config;
  /**
   * Connects every enabled upstream, side by side, in the background. With `awaitClientMs` not before the first client has said
   * what it can do, or that time is over: servers learn a client's capabilities when they are connected.
   */
  start(options?: { awaitClientMs?: number }): void;
  /** What the upstreams offer now, or offered last where they have not answered yet. */
  catalog(): Catalog;
  upstreams(): UpstreamState[];
  /** Resolves when each enabled upstream is ready or has failed, or after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>;
  /** Runs a batch exactly as `batch_call` and `batch_read` do. */
  runBatch(batch: BatchInput): Promise<JsonObject>;
  /** By name: the configured recipes, with what the upstreams offer for them now. */
  recipes(): ReadonlyMap<string, OfferedRecipe>;
  /** Runs a recipe exactly as a client's call of it does. */
  callRecipe(call: RecipeInput): Promise<JsonObject>;
  /** Serves one more client over a pair of streams. */
  serveStdio(streams: { input: Readable; output: Writable }): ClientConnection;
  /** Serves clients over HTTP, any number of them. Rejects where the port cannot be had. */
  serveHttp(address: { host: string; port: number }): Promise<HttpListener>;
  /** What calls hold or wait for now; all 0 when nothing is in flight. */
  load(): ReturnType<Scheduler['load']>;
  /** Ends all connections and child processes, within a few seconds. */
  close(): Promise<void>;
}

/** Loads the configuration with every policy that it names and every recipe checked. Throws ConfigError with all problems at once. */
export function loadConfig(options: Omit<LoadConfigOptions, 'checkRecipe'> = {}): Promise<Config> {
  return loadFiles({ ...options, checkRecipe });
}

export function createProxy({ config, logger }: { config: Config; logger: Logger }): Proxy {
  const clock = createMonotonicClock();
  const setup = toSetup(config);
  const enabled = [...setup.servers.values()];
  const fleet = createFleet({
    servers: enabled,
    stateDir: config.stateDir,
    logger,
    onStale: (server) => scheduler.forget(server),
  });
  const scheduler = createScheduler({
    clock,
    maxParallel: config.maxParallel,
    servers: new Map(enabled.map((server) => [server.name, limitsOf(server)])),
  });
  const shared = {
    version: packageVersion(),
    setup: () => setup,
    scheduler,
    validate: createArgumentValidator(),
    recentResults: createRecentResults(clock),
    clock,
    logger,
  };
  const catalogs = createGroupCatalogs({ ...shared, recipes: config.recipes });
  let isStarted = false;
  let cancelStart: (() => void) | undefined;
  const connections = new Set<{ closed: Promise<void>; close(): Promise<void> }>();

  const start = (capabilities?: JsonObject): void => {
    cancelStart?.();
    if (isStarted) return;
    isStarted = true;
    fleet.start(capabilities);
  };
  const untilListable = async ({ group, groupAgeMs }: JoinedLink): Promise<void> => {
    if (group.states().every(({ state, isKnown }) => state !== 'connecting' || isKnown)) return;
    const leftMs = firstListMs - groupAgeMs();
    if (leftMs > 0) await group.settled(leftMs);
  };
  const untilListed = ({ group: { states, onChange } }: JoinedLink, server: string): Promise<void> => {
    const holds = (): boolean => states().every(({ name, state }) => name !== server || state !== 'connecting');
    return when({ holds, onChange, timeoutMs: firstListMs });
  };
  const join = (client: Client): Engine => {
    // Servers that are started for the first client's capabilities need no second connection for it.
    start(client.capabilities);
    const link = fleet.join(client);
    const { group } = link;
    const live = catalogs.of(group);
    return {
      ...shared,
      isShared: client.isShared === true,
      catalog: live.current,
      recipes: live.recipes,
      onCatalogChange: live.onChange,
      listable: (server) => (server === undefined ? untilListable(link) : untilListed(link, server)),
      unavailable(name) {
        const upstream = group.states().find((state) => state.name === name);
        if (upstream === undefined || upstream.toolCount > 0) return undefined;
        return upstream.reason ?? upstream.state;
      },
      offers: group.offers,
      callUpstream: (server, request) =>
        link.call(server, request).catch((error: unknown) => {
          logger.error({ server, tool: request.tool, reason: String(error) }, 'a call failed inside mcp-marshal');
          throw error;
        }),
      requestUpstream: link.request,
      notifyUpstreams: link.notify,
      subscribe: link.subscribe,
      unsubscribe: link.unsubscribe,
      setLogLevel: link.setLogLevel,
      onNotice: link.onNotice,
      close: link.close,
    };
  };
  const reception: Reception = { version: shared.version, clock, logger, join };
  /** The engine of whoever is no client: the command line, or a program that uses the library. */
  let own: Engine | undefined;
  const ownEngine = (): Engine => (own ??= join({ id: 'own', era: 'legacy', capabilities: {} }));

  const hold = <T extends { closed: Promise<void>; close(): Promise<void> }>(connection: T): T => {
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
    return connection;
  };

  return {
    config,
    start({ awaitClientMs } = {}) {
      if (awaitClientMs === undefined) start();
      else cancelStart ??= clock.after(awaitClientMs, start);
    },
    catalog: () => catalogs.of(fleet.base).current(),
    recipes: () => catalogs.of(fleet.base).recipes(),
    upstreams: fleet.base.states,
    settled: fleet.settled,
    runBatch: (batch) => runBatch(ownEngine(), batch),
    callRecipe: (call) => callRecipe(ownEngine(), call),
    serveStdio: (streams) => hold(serveStdio(reception, streams)),
    async serveHttp(address) {
      const readiness = (): { ready: boolean; servers: UpstreamState[] } => {
        const states = fleet.base.states();
        return { ready: states.every(({ state }) => state !== 'connecting'), servers: states };
      };
      const inputSchemaOf = (tool: string): JsonObject | undefined =>
        catalogs.of(fleet.base).current().byExposedName.get(tool)?.listed.inputSchema;
      return hold(await serveHttp(reception, { ...address, readiness, inputSchemaOf }));
    },
    load: scheduler.load,
    async close() {
      cancelStart?.();
      await Promise.all([...connections].map((connection) => connection.close()));
      own?.close();
      catalogs.close();
      await fleet.close();
    },
  };
}

/** `parallel: avoid` is a cap of one call at a time, whoever sends it. */
function limitsOf({
  parallel,
  maxParallel,
  maxParallelWrites,
  maxParallelIsSet,
  policy,
}: ServerConfig): SchedulerServer {
  const { rate } = policy.limits;
  const paced = rate !== undefined && { rate };
  if (parallel === 'avoid') return { maxParallel: 1, maxParallelWrites: 1, bindsPassthrough: true, ...paced };
  return { maxParallel, maxParallelWrites, bindsPassthrough: maxParallelIsSet, ...paced };
}

/** One live catalogue per group of clients, for as long as the group lives. */
function createGroupCatalogs({
  recipes,
  ...shared
}: Pick<Engine, 'setup' | 'validate' | 'clock' | 'logger'> & {
  recipes: Config['recipes'];
}): { of(group: FleetGroup): LiveCatalog; close(): void } {
  const catalogs = new Map<FleetGroup, { live: LiveCatalog; stopWatching: () => void }>();
  const drop = (group: FleetGroup): void => {
    const found = catalogs.get(group);
    catalogs.delete(group);
    found?.stopWatching();
    found?.live.close();
  };
  const open = (group: FleetGroup): LiveCatalog => {
    const live = createLiveCatalog({
      ...shared,
      naming: shared.setup().naming,
      sources: group.sources,
      offerRecipes(catalog) {
        const states = new Map(group.states().map((upstream) => [upstream.name, upstream]));
        // A list that was kept says nothing of what the server lacks now.
        const unavailable = (name: string): string | undefined => {
          const upstream = states.get(name);
          return upstream === undefined || upstream.state === 'ready' ? undefined : (upstream.reason ?? upstream.state);
        };
        return recipes.map((recipe) => offerRecipe(recipe, { ...shared, ...shared.setup(), catalog, unavailable }));
      },
    });
    catalogs.set(group, { live, stopWatching: group.onChange(live.refresh) });
    void group.ended.then(() => drop(group));
    return live;
  };
  return {
    of: (group) => catalogs.get(group)?.live ?? open(group),
    close() {
      for (const group of catalogs.keys()) drop(group);
    },
  };
}
