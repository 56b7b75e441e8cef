import type { Verdict } from './connection/open-connection.ts';
import { profileOf } from './instance/capabilities.ts';
import type { AskingServers } from './instance/instance.ts';
import type { KeptCatalog, KeptServer } from './kept-catalog.ts';
import { emptyProfile } from './kept-catalog.ts';
import type { OpenGroup } from './link/fleet-group.ts';
import type { Roster, RosterChange } from './reload/roster.ts';

/**
 * Lists are kept once every upstream has had this long to give its own. A run that ends before, such as that of a client which only
 * asks for our era, would leave the lists of the fastest, and the next start would take them for all there is. Shorter than a
 * client waits on a first start, so that what it was shown is kept; what the start of the process took counts here as it does there.
 */
const keepAfterMs = 3500;

/** What is known of the servers from the last run, and what the next run is to know: for each profile of clients its own. */
export interface Keeping {
  /**
   * For clients of this profile: from this run, else from the last one. Where there is nothing, only what is the same for everybody, as
   * clients without capabilities have found it; the tools of others are never among it.
   */
  known(server: string, profile: string): Partial<KeptServer>;
  /** Those that ask questions are remembered from the first one on. */
  asking: AskingServers;
  keep(seen: { server: string; profile: string }, listed: ListedServer): void;
  /** Before a group starts: reads what is known for its clients. Begins to write for them as soon as it has settled. */
  start(group: Pick<OpenGroup, 'settled' | 'states' | 'ended'>, capabilities: Parameters<typeof profileOf>[0]): void;
  /**
   * The roster has changed. Of servers that are new, what is kept for the way in which they are reached now is read; where there is
   * nothing, one of the same name that is reached in another way is taken to offer what it did, until it has said so itself.
   */
  adopt(change: RosterChange): void;
  /** Nothing that was not being written yet is. */
  stop(): void;
  /** Resolves when all is written. */
  saved(): Promise<void>;
}

export interface KeepingOptions {
  servers: Roster;
  catalog: KeptCatalog;
  /** Between the start of the process and ours. */
  startupMs: number;
}

type ListedServer = KeptServer & { verdict: Verdict };

/** One profile's. */
interface Shelf {
  /** From the last run. */
  loaded: Map<string, KeptServer>;
  /** From this one. */
  listed: Map<string, ListedServer>;
  unsaved: Set<string>;
  isComplete: boolean;
}

export function createKeeping({ servers, catalog, startupMs }: KeepingOptions): Keeping {
  const asks = new Set<string>();
  /** By profile: as many as there are groups, and that of clients without capabilities, which all others fall back to. */
  const shelves = new Map<string, Shelf>();
  let isClosing = false;
  let saving = Promise.resolve();

  const load = (name: string, profile: string, { loaded }: Shelf): void => {
    const server = servers.find(name);
    const kept = server && catalog.load({ server, profile });
    if (kept?.asks === true) asks.add(name);
    // That it was silent last time is less than what is known of its other way.
    if (kept !== undefined && (kept.tools.length > 0 || !loaded.has(name))) loaded.set(name, kept);
  };
  const openShelf = (profile: string): Shelf => {
    const shelf: Shelf = { loaded: new Map(), listed: new Map(), unsaved: new Set(), isComplete: false };
    shelves.set(profile, shelf);
    for (const { name } of servers.all()) load(name, profile, shelf);
    return shelf;
  };
  const common = openShelf(emptyProfile);

  const saveAll = (profile: string, { isComplete, unsaved, listed }: Shelf): void => {
    if (!isComplete) return;
    for (const name of unsaved) {
      const server = servers.find(name);
      const kept = listed.get(name);
      if (server && kept)
        saving = catalog.save({ server, profile }, { ...kept, ...(asks.has(name) && { asks: true }) });
    }
    unsaved.clear();
  };
  const find = ({ listed, loaded }: Shelf, name: string): KeptServer | undefined =>
    listed.get(name) ?? loaded.get(name);

  return {
    known(name, profile) {
      const shelf = shelves.get(profile);
      const own = shelf && find(shelf, name);
      if (own !== undefined) return own;
      const { verdict, words } = find(common, name) ?? {};
      return { ...(verdict && { verdict }), ...(words && { words }) };
    },
    asking: {
      has: (name) => asks.has(name),
      add(name) {
        if (asks.has(name)) return;
        asks.add(name);
        for (const [profile, shelf] of shelves) {
          if (!shelf.listed.has(name)) continue;
          shelf.unsaved.add(name);
          saveAll(profile, shelf);
        }
      },
    },
    keep({ server, profile }, kept) {
      const shelf = shelves.get(profile);
      // Its group has been given up.
      if (shelf === undefined) return;
      shelf.listed.set(server, kept);
      shelf.unsaved.add(server);
      saveAll(profile, shelf);
    },
    start(group, capabilities) {
      const profile = profileOf(capabilities);
      const shelf = shelves.get(profile) ?? openShelf(profile);
      let hasEnded = false;
      void group.ended.then(() => {
        hasEnded = true;
        if (shelf !== common) shelves.delete(profile);
      });
      void group.settled(Math.max(0, keepAfterMs - startupMs)).then(() => {
        // Closing settles those that have not answered, too.
        if (isClosing || hasEnded) return;
        shelf.isComplete = true;
        saveAll(profile, shelf);
        for (const { name, isKnown } of group.states()) {
          const server = servers.find(name);
          if (!isKnown && server !== undefined) saving = catalog.saveSilence({ server, profile });
        }
      });
    },
    adopt({ dropped, opened }) {
      for (const name of dropped) asks.delete(name);
      for (const [profile, shelf] of shelves) {
        for (const name of dropped) {
          const before = find(shelf, name);
          shelf.loaded.delete(name);
          shelf.listed.delete(name);
          shelf.unsaved.delete(name);
          // Its era is another way's.
          if (before !== undefined && opened.has(name)) shelf.loaded.set(name, withoutVerdict(before));
        }
        for (const name of opened) load(name, profile, shelf);
      }
    },
    stop() {
      isClosing = true;
    },
    saved: () => saving,
  };
}

function withoutVerdict({ tools, words, toolList }: KeptServer): KeptServer {
  return { tools, ...(words && { words }), ...(toolList && { toolList }) };
}
