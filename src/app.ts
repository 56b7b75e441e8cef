import type { Readable, Writable } from 'node:stream';
import { createArgumentValidator } from './batch/plan/argument-validator.ts';
import { checkRecipe } from './batch/recipe/check-recipe.ts';
import { offerRecipe, type OfferedRecipe } from './batch/recipe/offer-recipe.ts';
import type { Catalog } from './catalog/build-catalog.ts';
import type { Config, ServerConfig } from './config/config.ts';
import { loadConfig as loadFiles, type LoadConfigOptions } from './config/load-config.ts';
import { createMonotonicClock } from './lib/monotonic-clock.ts';
import type { JsonObject } from './core/json.ts';
import type { Logger } from './lib/logger.ts';
import { packageVersion } from './lib/version.ts';
import { createScheduler, type Scheduler, type SchedulerServer } from './schedule/scheduler.ts';
import { createLiveCatalog } from './serve/live-catalog.ts';
import type { Engine } from './serve/engine.ts';
import { callRecipe, type RecipeInput } from './serve/recipe/call-recipe.ts';
import { createRecentResults } from './serve/recent-results.ts';
import { runBatch, type BatchInput } from './serve/run-batch.ts';
import { serveStdio, type ClientConnection } from './serve/stdio/serve-stdio.ts';
import { createFleet } from './upstream/fleet.ts';
import type { UpstreamState } from './upstream/upstream.ts';

/**
 * On a first start, with nothing kept, `tools/list` is answered this long after the start at the latest. Clients are promised four
 * seconds (opencode gives up at five), and starting Node takes its part of them.
 */
const firstListMs = 3_300;

/** The whole program but for its command line: upstreams, scheduler and the client's side, introduced to each other. */
export interface Proxy {
  config: Config;
  /** Connects every enabled upstream, side by side, in the background. */
  start(): void;
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
  const enabled = config.servers.filter((server) => server.enabled);
  const servers = new Map(enabled.map((server) => [server.name, server]));
  const disabled = new Set(config.servers.filter((server) => !server.enabled).map(({ name }) => name));
  const fleet = createFleet({
    servers: enabled,
    stateDir: config.stateDir,
    logger,
    onStale: (server) => scheduler.forget(server),
  });
  const validate = createArgumentValidator();
  const live = createLiveCatalog({
    sources: fleet.sources,
    offerRecipes: (catalog) => {
      const states = new Map(fleet.states().map((upstream) => [upstream.name, upstream]));
      // A list that was kept says nothing of what the server lacks now.
      const unavailable = (name: string): string | undefined => {
        const upstream = states.get(name);
        return upstream === undefined || upstream.state === 'ready' ? undefined : (upstream.reason ?? upstream.state);
      };
      const surroundings = { catalog, servers, disabled, validate, unavailable, settings: config.batch };
      return config.recipes.map((recipe) => offerRecipe(recipe, surroundings));
    },
    naming: config.naming,
    clock,
    logger,
  });
  const scheduler = createScheduler({
    clock,
    maxParallel: config.maxParallel,
    servers: new Map(enabled.map((server) => [server.name, limitsOf(server)])),
  });
  const stopWatching = fleet.onChange(live.refresh);
  let startedMs = clock.now();
  const connections = new Set<ClientConnection>();

  const engine: Engine = {
    version: packageVersion(),
    settings: config.batch,
    servers,
    scheduler,
    maxParallel: config.maxParallel,
    validate,
    recentResults: createRecentResults(clock),
    clock,
    logger,
    catalog: live.current,
    recipes: live.recipes,
    async listable() {
      if (fleet.states().every(({ state, isKnown }) => state !== 'connecting' || isKnown)) return;
      const leftMs = startedMs + firstListMs - clock.now();
      if (leftMs > 0) await fleet.settled(leftMs);
    },
    onCatalogChange: live.onChange,
    disabled,
    unavailable(name) {
      const upstream = fleet.states().find((state) => state.name === name);
      if (upstream === undefined || upstream.toolCount > 0) return undefined;
      return upstream.reason ?? upstream.state;
    },
    callUpstream: (server, request) =>
      fleet.call(server, request.tool, request.params, request).catch((error: unknown) => {
        logger.error({ server, tool: request.tool, reason: String(error) }, 'a call failed inside mcp-marshal');
        throw error;
      }),
  };

  return {
    config,
    start() {
      startedMs = clock.now();
      fleet.start();
    },
    catalog: live.current,
    recipes: live.recipes,
    upstreams: fleet.states,
    settled: fleet.settled,
    runBatch: (batch) => runBatch(engine, batch),
    callRecipe: (call) => callRecipe(engine, call),
    serveStdio(streams) {
      const connection = serveStdio(engine, streams);
      connections.add(connection);
      void connection.closed.then(() => connections.delete(connection));
      return connection;
    },
    load: scheduler.load,
    async close() {
      stopWatching();
      live.close();
      await Promise.all([...connections].map((connection) => connection.close()));
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
