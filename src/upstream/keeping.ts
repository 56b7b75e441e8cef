import type { ServerConfig } from '../config/config.ts';
import type { Verdict } from './connection/open-connection.ts';
import type { AskingServers } from './instance/instance.ts';
import type { KeptCatalog, KeptServer } from './kept-catalog.ts';
import type { FleetGroup } from './link/fleet-group.ts';

/**
 * Lists are kept once every upstream has had this long to give its own. A run that ends before, such as that of a client which only
 * asks for our era, would leave the lists of the fastest, and the next start would take them for all there is. Shorter than a
 * client waits on a first start, so that what it was shown is kept.
 */
const keepAfterMs = 3200;

/** What is known of the servers from the last run, and what the next run is to know. */
export interface Keeping {
  /** From this run, else from the last one. */
  known(server: string): KeptServer | undefined;
  /** Those that ask questions are remembered from the first one on. */
  asking: AskingServers;
  keep(server: string, listed: KeptServer & { verdict: Verdict }): void;
  /** Begins to write, as soon as the group has settled. */
  start(group: FleetGroup): void;
  /** Nothing that was not being written yet is. */
  stop(): void;
  /** Resolves when all is written. */
  saved(): Promise<void>;
}

export interface KeepingOptions {
  servers: readonly ServerConfig[];
  catalog: KeptCatalog;
}

export function createKeeping({ servers, catalog }: KeepingOptions): Keeping {
  const configs = new Map(servers.map((server) => [server.name, server]));
  const known = new Map(servers.map((server) => [server.name, catalog.load(server)]));
  const asks = new Set(servers.map(({ name }) => name).filter((name) => known.get(name)?.asks === true));
  const listed = new Map<string, KeptServer & { verdict: Verdict }>();
  const unsaved = new Set<string>();
  let isComplete = false;
  let isClosing = false;
  let saving = Promise.resolve();

  const saveAll = (): void => {
    if (!isComplete) return;
    for (const name of unsaved) {
      const server = configs.get(name);
      const kept = listed.get(name);
      if (server && kept) saving = catalog.save(server, { ...kept, ...(asks.has(name) && { asks: true }) });
    }
    unsaved.clear();
  };
  const mark = (name: string): void => {
    unsaved.add(name);
    saveAll();
  };

  return {
    known: (name) => listed.get(name) ?? known.get(name),
    asking: {
      has: (name) => asks.has(name),
      add(name) {
        if (asks.has(name)) return;
        asks.add(name);
        if (listed.has(name)) mark(name);
      },
    },
    keep(name, kept) {
      listed.set(name, kept);
      mark(name);
    },
    start(group) {
      void group.settled(keepAfterMs).then(() => {
        // Closing settles those that have not answered, too.
        if (isClosing) return;
        isComplete = true;
        saveAll();
        for (const { name, isKnown } of group.states()) {
          const server = configs.get(name);
          if (!isKnown && server !== undefined) saving = catalog.saveSilence(server);
        }
      });
    },
    stop() {
      isClosing = true;
    },
    saved: () => saving,
  };
}
