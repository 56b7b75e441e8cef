import type { JsonObject } from '../../core/json.ts';
import type { Logger } from '../../lib/logger.ts';
import { profileOf, toDeclared } from '../instance/capabilities.ts';
import type { OpenGroup } from './fleet-group.ts';

/** Each costs a process per stdio server. Clients of one program have the same capabilities, so few are needed. */
const maxGroups = 16;

/** The groups that have clients, or had some a short time ago. */
export interface Groups {
  /** The group of these capabilities, opened if there is none. Every `take` is followed by one `giveBack`. */
  take(capabilities: JsonObject): { group: OpenGroup; giveBack: () => void };
  /** All of them but the base group. */
  all(): OpenGroup[];
  close(): Promise<void>;
}

export interface GroupsOptions {
  /** Never given up. Clients with its capabilities come to it, and those for whom there is no room. */
  base: OpenGroup;
  /** Opens and starts a group for clients with these capabilities. */
  open: (capabilities: JsonObject) => OpenGroup;
  logger: Logger;
  /** How long a group is kept for the next client when its last one has left. */
  lingerMs: number;
}

interface Entry {
  group: OpenGroup;
  clients: number;
  timer?: NodeJS.Timeout | undefined;
}

export function createGroups({ base, open, logger, lingerMs }: GroupsOptions): Groups {
  const entries = new Map<string, Entry>();
  let isClosed = false;

  const giveUp = (profile: string, { group, timer }: Entry): Promise<void> => {
    clearTimeout(timer);
    entries.delete(profile);
    return group.close();
  };
  const openEntry = (profile: string, capabilities: JsonObject): Entry | undefined => {
    if (entries.size >= maxGroups - 1) {
      const idle = [...entries].find(([, entry]) => entry.clients === 0);
      if (idle === undefined) return undefined;
      void giveUp(...idle);
    }
    const entry: Entry = { group: open(toDeclared(capabilities)), clients: 0 };
    entries.set(profile, entry);
    return entry;
  };

  return {
    take(capabilities) {
      const profile = profileOf(capabilities);
      if (isClosed || profile === profileOf(base.capabilities())) return { group: base, giveBack: () => {} };
      const entry = entries.get(profile) ?? openEntry(profile, capabilities);
      if (entry === undefined) {
        logger.warn(
          { profiles: maxGroups },
          'too many clients with different capabilities; servers see one as if it had none',
        );
        return { group: base, giveBack: () => {} };
      }
      entry.clients += 1;
      clearTimeout(entry.timer);
      return {
        group: entry.group,
        giveBack() {
          entry.clients -= 1;
          if (entry.clients > 0 || entries.get(profile) !== entry) return;
          // Nobody may be waiting for the process to end, and a server that is not used is no reason to go on.
          entry.timer = setTimeout(() => void giveUp(profile, entry), lingerMs).unref();
        },
      };
    },
    all: () => [...entries.values()].map(({ group }) => group),
    async close() {
      isClosed = true;
      await Promise.all([...entries].map(([profile, entry]) => giveUp(profile, entry)));
    },
  };
}
