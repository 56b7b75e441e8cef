import type { Clock, Rate } from '../core/clock.ts';
import type { Plan } from '../core/plan.ts';
import type { Crowd } from './admission/decide-admission.ts';
import { findCrowds } from './admission/find-crowds.ts';
import { createResultCache } from './cache/result-cache.ts';
import type { Admission } from './call/admission.ts';
import { AdmittedCall } from './call/admitted-call.ts';
import type { Floor } from './call/floor.ts';
import { createLockTable } from './locks/lock-table.ts';
import { createUnknownKeys, type UnknownWrite } from './locks/unknown-keys.ts';
import { createTurnGate } from './rate/turn-gate.ts';
import { createReadyQueue, type ReadyCall } from './slots/ready-queue.ts';
import { createSlotBook, type ServerCaps } from './slots/slot-book.ts';

/** Where locks are granted and slots given out, for all batches and passthrough calls of the process. */
export interface Dispatcher {
  /**
   * Brings a call on its way: its turn, where its server has a rate, then its locks, then its slots. Once it holds its locks, it ends
   * with a result from before where it may, or unsent where what it builds on is not known. Returns what withdraws it while it waits.
   */
  admit(admission: Admission): () => void;
  /** No result that this server has given so far is used again. */
  forget(server: string): void;
  /** A write of a batch that was sent before the batch began, by a process that is gone. */
  interrupted(write: Omit<UnknownWrite, 'why'>): void;
  /** What was under way on this server's connection can take effect no more. */
  connectionEnded(server: string): void;
  /** Changes the limits. Calls under way keep their slots; those of a server that is gone end, unless they are under way. */
  apply(limits: Limits): void;
  /** What stands between the calls of a plan and their slots now. */
  crowds(plan: Plan): Crowd[][];
  /** What is held or waited for now; all 0 when nothing is leaked. */
  load(): DispatcherLoad;
}

/** Limits of the process and of each server. */
export interface Limits {
  maxParallel: number;
  caps: ReadonlyMap<string, ServerCaps>;
  /** Of the servers that have one. Binds all their calls, passthrough calls as well. */
  rates: ReadonlyMap<string, Rate>;
}

export interface DispatcherLoad {
  lockNodes: number;
  ready: number;
  slots: number;
}

/** @param options.random 0 to 1, for the jitter of retries */
export function createDispatcher(options: Limits & { clock: Clock; random: () => number }): Dispatcher {
  const { clock, random, rates } = options;
  const locks = createLockTable();
  const book = createSlotBook(options);
  const queue = createReadyQueue();
  const gate = createTurnGate({
    clock,
    rates,
    wouldGrant: ({ call, holdsLocks }) => holdsLocks || locks.wouldGrant(call.locks),
    wake: () => pumpSoon(),
  });
  let willPump = false;

  /**
   * Gives out what is free, once all that happens now has happened: a call that ends gives back its slot of the batch, its locks and
   * its slot of the server one after the other, and who comes next by priority may want all three.
   */
  const pumpSoon = (): void => {
    if (willPump) return;
    willPump = true;
    queueMicrotask(() => {
      willPump = false;
      gate.open();
      for (let next = nextReady(); next !== undefined; next = nextReady()) next.start();
      book.measure(clock.now());
    });
  };
  const nextReady = (): ReadyCall | undefined => queue.next(fits, book.capOf);
  const fits = ({ share, need }: ReadyCall): boolean => share.inFlight < share.maxParallel && book.hasFree(need);

  const cache = createResultCache(clock);
  const unknown = createUnknownKeys(clock);
  const waiting: Floor['waiting'] = new Set();
  const floor: Floor = { clock, random, locks, gate, queue, book, cache, unknown, waiting, pumpSoon };

  return {
    admit(admission) {
      const admitted = new AdmittedCall(floor, admission);
      admitted.enter();
      return () => admitted.withdraw();
    },
    forget: cache.forget,
    interrupted: (write) => unknown.add({ ...write, why: 'lost' }),
    connectionEnded: unknown.connectionEnded,
    apply(limits) {
      book.apply(limits);
      gate.apply(limits.rates);
      for (const admitted of waiting) if (!book.knows(admitted.call.server)) admitted.dismiss();
      pumpSoon();
    },
    crowds: (plan) => findCrowds(plan, { book, queue, nowMs: clock.now() }),
    load: () => ({ lockNodes: locks.size(), ready: queue.size() + gate.size(), slots: book.taken() }),
  };
}
