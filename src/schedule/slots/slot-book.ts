import pLimit, { type LimitFunction } from 'p-limit';
import { createEndRate, type EndRate } from '../admission/end-rate.ts';

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
  /** Whether there is such a server, or was when it was last asked for new slots. */
  knows(server: string): boolean;
  /** Never for a server that it does not know. */
  hasFree(need: SlotNeed): boolean;
  /** Takes what `need` names, which must be free, and calls `start` soon after, under the enforcing caps. */
  take(need: SlotNeed, start: (slots: HeldSlots) => void): void;
  /** The cap of a server: the smallest of its own and its share of the process. */
  capOf(server: string): number;
  taken(): number;
  /** What of that which `need` names has no slot left: of the process, of the server, of the server's writes. */
  takenUp(need: SlotNeed): SlotPool[];
  /** What is free has been given out: looks at where slots have changed hands since the last time. */
  measure(nowMs: number): void;
  /** Changes the caps. What is taken stays taken, and counts under the new ones. */
  apply(limits: SlotLimits): void;
}

/** Slots that are given out together. */
export interface SlotPool {
  /** Where one waits for them, in words. */
  where: string;
  uses(need: SlotNeed): boolean;
  endRate: EndRate;
}

/** With more than one server, none holds more than half of the process. */
interface SlotLimits {
  /** Slots of the process. */
  maxParallel: number;
  caps: ReadonlyMap<string, ServerCaps>;
}

interface ServerSlots {
  taken: number;
  writes: number;
  maxParallelWrites: number;
  limit: LimitFunction;
  endRate: EndRate;
  writeEndRate: EndRate;
}

export function createSlotBook(limits: SlotLimits): SlotBook {
  const servers = new Map<string, ServerSlots>();
  /** Servers that are gone, until their last call has ended: one that comes back is the same to its machine. */
  const leaving = new Map<string, ServerSlots>();
  const processLimit = enforce(limits.maxParallel);
  const processEndRate = createEndRate();
  /** Servers of which slots have been taken or given back since they were measured. */
  const changed = new Set<ServerSlots>();
  let processTaken = 0;

  const apply = ({ maxParallel, caps }: SlotLimits): void => {
    const share = caps.size > 1 ? Math.ceil(maxParallel / 2) : maxParallel;
    setCap(processLimit, maxParallel);
    for (const [name, server] of servers) {
      if (caps.has(name)) continue;
      servers.delete(name);
      if (server.taken > 0) leaving.set(name, server);
    }
    for (const [name, own] of caps) {
      const cap = Math.min(own.maxParallel, share);
      const known = servers.get(name) ?? leaving.get(name) ?? newServer(cap);
      setCap(known.limit, cap);
      servers.set(name, Object.assign(known, { maxParallelWrites: own.maxParallelWrites }));
      leaving.delete(name);
    }
  };
  apply(limits);

  const serverOf = (name: string): ServerSlots => {
    const server = servers.get(name);
    if (server === undefined) throw new Error(`no slots for the unknown server "${name}"`);
    return server;
  };

  const isProcessFull = (): boolean => processTaken >= processLimit.concurrency;

  return {
    knows: (name) => servers.has(name),
    hasFree(need) {
      const server = servers.get(need.server);
      if (server === undefined || isFull(server) || (need.isWrite && areWritesFull(server))) return false;
      return !need.process || !isProcessFull();
    },
    take(need, start) {
      const server = serverOf(need.server);
      server.taken++;
      changed.add(server);
      if (need.isWrite) server.writes++;
      if (need.process) processTaken++;
      // The counts decide, p-limit enforces: its queues stay empty but for the moment in which a slot changes hands.
      const onServer = (leaveProcess: () => void): void => {
        void server.limit(
          () =>
            new Promise<void>((leaveServer) => {
              const giveProcess = once(() => {
                if (need.process) {
                  processTaken--;
                  processEndRate.ended();
                }
                leaveProcess();
              });
              const giveServer = once(() => {
                server.taken--;
                server.endRate.ended();
                if (need.isWrite) {
                  server.writes--;
                  server.writeEndRate.ended();
                }
                changed.add(server);
                if (server.taken === 0) leaving.delete(need.server);
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
    taken: () => [...servers.values(), ...leaving.values()].reduce((sum, server) => sum + server.taken, processTaken),
    takenUp(need) {
      const server = servers.get(need.server);
      if (server === undefined) return [];
      const isOwn = (other: SlotNeed): boolean => other.server === need.server;
      const { endRate, writeEndRate } = server;
      const pools: SlotPool[] = [];
      if (isProcessFull()) pools.push({ where: 'in this process', uses: () => true, endRate: processEndRate });
      if (isFull(server)) pools.push({ where: `on ${need.server}`, uses: isOwn, endRate });
      if (need.isWrite && areWritesFull(server)) {
        const where = `among the writes of ${need.server}`;
        pools.push({ where, uses: (other) => isOwn(other) && other.isWrite, endRate: writeEndRate });
      }
      return pools;
    },
    measure(nowMs) {
      if (changed.size === 0) return;
      processEndRate.note(isProcessFull(), nowMs);
      for (const server of changed) {
        server.endRate.note(isFull(server), nowMs);
        server.writeEndRate.note(areWritesFull(server), nowMs);
      }
      changed.clear();
    },
    apply,
  };
}

function newServer(cap: number): Omit<ServerSlots, 'maxParallelWrites'> {
  return { taken: 0, writes: 0, limit: enforce(cap), endRate: createEndRate(), writeEndRate: createEndRate() };
}

function isFull({ taken, limit }: ServerSlots): boolean {
  return taken >= limit.concurrency;
}

function areWritesFull({ writes, maxParallelWrites }: ServerSlots): boolean {
  return writes >= maxParallelWrites;
}

function enforce(concurrency: number): LimitFunction {
  return pLimit({ concurrency, rejectOnClear: true });
}

/** Setting it has p-limit look through its queue, so it is left alone where nothing changes. */
function setCap(limit: LimitFunction, concurrency: number): void {
  if (limit.concurrency !== concurrency) limit.concurrency = concurrency;
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
