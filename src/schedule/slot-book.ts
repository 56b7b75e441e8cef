import pLimit, { type LimitFunction } from 'p-limit';

/** How many calls a server takes at once. */
export interface ServerCaps {
  maxParallel: number;
  maxParallelWrites: number;
}

/** What a call must hold to be in flight. A batch's own slots are counted by its batch. */
export interface SlotNeed {
  server: string;
  isWrite: boolean;
  /** Passthrough calls take no slot of the process. */
  process: boolean;
}

/** Slots that a call in flight holds. Each is given back once; a second time does nothing. */
export interface HeldSlots {
  giveProcess(): void;
  giveServer(): void;
}

/** What a call holds that takes no slots. */
export const noSlots: HeldSlots = { giveProcess() {}, giveServer() {} };

/** The slots of the process and of each server. All that a call needs is taken at once or not at all. */
export interface SlotBook {
  hasFree(need: SlotNeed): boolean;
  /** Takes what `need` names, which must be free, and calls `start` soon after, under the enforcing caps. */
  take(need: SlotNeed, start: (slots: HeldSlots) => void): void;
  /** The cap of a server: the smallest of its own and its share of the process. */
  capOf(server: string): number;
  taken(): number;
}

interface ServerSlots {
  taken: number;
  writes: number;
  maxParallelWrites: number;
  limit: LimitFunction;
}

/**
 * @param options.maxParallel slots of the process
 * @param options.caps per server; with more than one server, none holds more than half of the process
 */
export function createSlotBook(options: { maxParallel: number; caps: ReadonlyMap<string, ServerCaps> }): SlotBook {
  const share = options.caps.size > 1 ? Math.ceil(options.maxParallel / 2) : options.maxParallel;
  const servers = new Map<string, ServerSlots>();
  for (const [name, { maxParallel, maxParallelWrites }] of options.caps) {
    servers.set(name, { taken: 0, writes: 0, maxParallelWrites, limit: enforce(Math.min(maxParallel, share)) });
  }
  const processLimit = enforce(options.maxParallel);
  let processTaken = 0;

  const serverOf = (name: string): ServerSlots => {
    const server = servers.get(name);
    if (server === undefined) throw new Error(`no slots for the unknown server "${name}"`);
    return server;
  };

  return {
    hasFree(need) {
      const server = serverOf(need.server);
      if (server.taken >= server.limit.concurrency) return false;
      if (need.isWrite && server.writes >= server.maxParallelWrites) return false;
      return !need.process || processTaken < processLimit.concurrency;
    },
    take(need, start) {
      const server = serverOf(need.server);
      server.taken++;
      if (need.isWrite) server.writes++;
      if (need.process) processTaken++;
      // The counts decide, p-limit enforces: its queues stay empty but for the moment in which a slot changes hands.
      const onServer = (leaveProcess: () => void): void => {
        void server.limit(
          () =>
            new Promise<void>((leaveServer) => {
              const giveProcess = once(() => {
                if (need.process) processTaken--;
                leaveProcess();
              });
              const giveServer = once(() => {
                server.taken--;
                if (need.isWrite) server.writes--;
                leaveServer();
              });
              start({ giveProcess, giveServer });
            }),
        );
      };
      if (need.process) void processLimit(() => new Promise<void>(onServer));
      else onServer(() => {});
    },
    capOf: (server) => serverOf(server).limit.concurrency,
    taken: () => [...servers.values()].reduce((sum, server) => sum + server.taken, processTaken),
  };
}

function enforce(concurrency: number): LimitFunction {
  return pLimit({ concurrency, rejectOnClear: true });
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
