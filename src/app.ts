import { createGroupCatalogs } from './app/group-catalogs.ts';
import { joinClient, type SharedEngine } from './app/join-client.ts';
import type { Proxy } from './app/proxy.ts';
import { schedulerLimits } from './app/scheduler-limits.ts';
import { createApprovalDesk } from './approvals/create-approval-desk.ts';
import { createArgumentValidator } from './batch/plan/argument-validator.ts';
import { checkRecipe } from './batch/recipe/check-recipe.ts';
import type { Config } from './config/config.ts';
import { loadConfig as loadFiles, type LoadConfigOptions } from './config/load-config.ts';
import { diffConfigs, keepUntilRestart } from './config/reload/diff-configs.ts';
import type { JsonObject } from './core/json.ts';
import type { Client } from './core/protocol/client.ts';
import { createJournal } from './journal/create-journal.ts';
import type { Logger } from './lib/logger.ts';
import { createMonotonicClock } from './lib/monotonic-clock.ts';
import { packageVersion } from './lib/version.ts';
import { createScheduler } from './schedule/scheduler.ts';
import { createBatchBook } from './serve/batch/book/batch-book.ts';
import { runBatch } from './serve/batch/run-batch.ts';
import type { Engine, Reception } from './serve/engine.ts';
import { createFlowLedger } from './serve/flow/flow-ledger.ts';
import { toHttpLimits } from './serve/http/http-limits.ts';
import { callRecipe } from './serve/recipe/call-recipe.ts';
import { toSetup } from './serve/setup.ts';
import { serveStdio } from './serve/stdio/serve-stdio.ts';
import { createFleet } from './upstream/fleet.ts';
import type { Telemetry } from './core/telemetry.ts';
import { toAskedServer } from './app/trace-sendings.ts';

export type { Proxy } from './app/proxy.ts';

/** Loads the configuration with every policy that it names and every recipe checked. Throws ConfigError with all problems at once. */
export function loadConfig(options: Omit<LoadConfigOptions, 'checkRecipe'> = {}): Promise<Config> {
  return loadFiles({ ...options, checkRecipe });
}

/** The replies of batches that were just ended are made and written in this time. */
const lastRepliesMs = 250;

/** A client's connection, or a listener. */
interface Connection {
  closed: Promise<void>;
  drain(ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface ProxyOptions {
  config: Config;
  logger: Logger;
  /** Who is told of every request, as traces and metrics. Absent: nobody, and nothing is spent on it. */
  telemetry?: Telemetry | undefined;
  /** How long ago the process was started for the first client, who has waited since. Absent: nobody has. */
  startupMs?: number;
}

export function createProxy({ config: initial, logger, telemetry, startupMs = 0 }: ProxyOptions): Proxy {
  let config = initial;
  let setup = toSetup(config);
  const clock = createMonotonicClock();
  const fleet = createFleet({
    servers: config.servers,
    stateDir: config.stateDir,
    startupMs,
    logger,
    onStale: (server) => scheduler.forget(server),
    onDisconnected: (server) => scheduler.connectionEnded(server),
    onConnected: telemetry && ((server, ended) => telemetry.connectionOpened(toAskedServer(server), ended)),
  });
  const scheduler = createScheduler({
    clock,
    maxPassthrough: config.limits.passthroughCalls,
    maxWaiting: config.limits.queuedCalls,
    ...schedulerLimits(setup),
  });
  const journal = createJournal({ config: config.journal, stateDir: config.stateDir, now: Date.now, logger });
  const approvals = createApprovalDesk({
    settings: () => config.approvals,
    clock,
    now: Date.now,
    logger,
    stateDir: config.stateDir,
  });
  const batchBook = createBatchBook(clock, config.limits);
  const shared: SharedEngine = {
    version: packageVersion(),
    setup: () => setup,
    scheduler,
    validate: createArgumentValidator(),
    journal,
    approvals,
    flow: createFlowLedger(clock),
    batchBook,
    clock,
    logger,
    telemetry,
    startupMs,
  };
  const catalogs = createGroupCatalogs({ ...shared, recipes: () => config.recipes, lock: () => config.lock });
  let isStarted = false;
  let cancelStart: (() => void) | undefined;
  const connections = new Set<Connection>();

  const start = (capabilities?: JsonObject): void => {
    cancelStart?.();
    if (isStarted) return;
    isStarted = true;
    fleet.start(capabilities);
  };
  const join = (client: Client): Engine => {
    // Servers that are started for the first client's capabilities need no second connection for it.
    start(client.capabilities);
    return joinClient(client, { fleet, catalogs, shared });
  };
  const reception: Reception = { version: shared.version, clock, logger, telemetry, join };
  const stopObserving = telemetry?.observe({ load: scheduler.load, upstreams: fleet.base.states });
  /** The engine of whoever is no client: the command line, or a program that uses the library. */
  let own: Engine | undefined;
  const ownEngine = (): Engine => (own ??= join({ id: 'own', era: 'legacy', capabilities: {} }));

  const hold = <T extends Connection>(connection: T): T => {
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
    return connection;
  };

  return {
    get config() {
      return config;
    },
    start({ awaitClientMs, capabilities } = {}) {
      if (awaitClientMs === undefined) start(capabilities);
      else cancelStart ??= clock.after(awaitClientMs, start);
    },
    apply(next) {
      const report = diffConfigs(config, next);
      config = keepUntilRestart(config, next);
      setup = toSetup(config);
      // Builds the catalogues anew, too. Before the scheduler, which may send what waited for a slot at once.
      fleet.apply(config.servers);
      scheduler.apply(schedulerLimits(setup));
      // Another policy may have other locks, by which results are found to be out of date.
      for (const server of report.changed) scheduler.forget(server);
      return report;
    },
    catalog: () => catalogs.of(fleet.base).current(),
    recipes: () => catalogs.of(fleet.base).recipes(),
    upstreams: fleet.base.states,
    settled: fleet.settled,
    measure: fleet.measure,
    runBatch: (batch) => runBatch(ownEngine(), batch),
    callRecipe: (call) => callRecipe(ownEngine(), call),
    serveStdio(streams) {
      journal.start();
      approvals.open();
      return hold(serveStdio(reception, { ...streams, limits: config.limits }));
    },
    async serveHttp({ host, port, auth = true }) {
      journal.start();
      approvals.open();
      // A client over stdio waits for its first answer, and for what that needs alone.
      const { serveHttp } = await import('./serve/http/serve-http.ts');
      const { createAuthenticator } = await import('./access/authenticator.ts');
      const readiness = (): { ready: boolean; servers: ReturnType<typeof fleet.base.states> } => {
        const servers = fleet.base.states();
        return { ready: servers.every(({ state }) => state !== 'connecting'), servers };
      };
      const inputSchemaOf = (tool: string): JsonObject | undefined =>
        catalogs.of(fleet.base).current().byExposedName.get(tool)?.listed.inputSchema;
      return hold(
        await serveHttp(reception, {
          host,
          port,
          readiness,
          inputSchemaOf,
          limits: toHttpLimits(config.limits),
          auth: config.auth,
          ...(auth && { authenticate: createAuthenticator({ ...config, clock, now: Date.now, logger }) }),
        }),
      );
    },
    load: scheduler.load,
    async drain(limitMs) {
      batchBook.beginStop();
      const open = [...connections];
      await Promise.all(open.map((connection) => connection.drain(limitMs)));
      batchBook.interrupt();
      await Promise.all(open.map((connection) => connection.drain(lastRepliesMs)));
    },
    async close() {
      cancelStart?.();
      await Promise.all([...connections].map((connection) => connection.close()));
      own?.close();
      catalogs.close();
      await approvals.close();
      await fleet.close();
      await journal.close();
      stopObserving?.();
    },
  };
}
