import type { Clock, Rate } from '../core/clock.ts';
import type { JsonObject } from '../core/json.ts';
import type { Outcome } from '../core/outcome.ts';
import type { PlannedCall } from '../core/plan.ts';
import { createAlarm } from './alarm.ts';
import { createLockTable, type LockTicket } from './lock-table.ts';
import { createRateBook } from './rate-book.ts';
import { createReadyQueue, expectCalls, type ReadyCall, type Share } from './ready-queue.ts';
import { createResultCache } from './cache/result-cache.ts';
import { createSlotBook, noSlots, type HeldSlots, type ServerCaps, type SlotNeed } from './slot-book.ts';
import { startCall, type RunningCall, type Send } from './start-call.ts';

/** A call whose predecessors have finished, on its way through locks and slots. */
export interface Admission {
  call: PlannedCall;
  share: Share;
  send: Send;
  acceptedMs: number;
  /** Whether the call takes a slot of its batch and of the process, and one of its server. */
  slots: { process: boolean; server: boolean };
  /** None of them is called before `admit` has returned, but for `started` of a call that takes no slots. */
  on: {
    /** Not called for a call that ends with a result from before: nothing of it is ever in flight. */
    started(running: RunningCall): void;
    settled(outcome: Outcome): void;
    /** The call's locks are free: its successors may be admitted. */
    gone(): void;
  };
}

/** Where locks are granted and slots given out, for all batches and passthrough calls of the process. */
export interface Dispatcher {
  /**
   * Enters the call's locks. Once it holds them, it ends with a result from before where it may, or else starts as soon as its slots
   * are free and its server's rate allows. Returns what withdraws it while it waits.
   */
  admit(admission: Admission): () => void;
  /** No result that this server has given so far is used again. */
  forget(server: string): void;
  /** What is held or waited for now; all 0 when nothing is leaked. */
  load(): DispatcherLoad;
}

export interface DispatcherLoad {
  lockNodes: number;
  ready: number;
  slots: number;
}

export function createDispatcher(options: {
  clock: Clock;
  maxParallel: number;
  caps: ReadonlyMap<string, ServerCaps>;
  /** Of the servers that have one. Binds all their calls, passthrough calls as well. */
  rates: ReadonlyMap<string, Rate>;
}): Dispatcher {
  const { clock } = options;
  const locks = createLockTable();
  const book = createSlotBook(options);
  const rates = createRateBook(options.rates);
  const cache = createResultCache(clock);
  const queue = createReadyQueue(rates.binds);
  const alarm = createAlarm(clock, () => pump());
  let willPump = false;
  let rateFreeMs = Number.POSITIVE_INFINITY;

  const admit = (admission: Admission): (() => void) => {
    const { call, share } = admission;
    const { server: slot, process } = admission.slots;
    const need: SlotNeed = { server: call.server, slot, isWrite: call.class !== 'read', process };
    const ready: ReadyCall = { call, share, need, start: (slots) => begin(slots) };
    let ticket: LockTicket | undefined;
    let grantedAtOnce = false;
    let withdrawn = false;
    const begin = (slots: HeldSlots): void => {
      // Withdrawn in the moment between getting its slots and starting.
      if (withdrawn) giveBack(ready, slots);
      else start(admission, ticket!, { need, slots });
    };
    const granted = (): void => {
      // The lock table may grant before `enter` has returned the ticket.
      if (ticket === undefined) {
        grantedAtOnce = true;
        return;
      }
      const result = cache.find(call);
      if (result !== undefined) {
        expectCalls(share, call.server, -1);
        // Not at once: a chain of such calls would go as deep as it is long.
        queueMicrotask(() => {
          if (!withdrawn) endWith(result, admission, ticket!);
        });
      } else if (isQueued(need)) {
        queue.add(ready);
      } else {
        begin(noSlots);
      }
    };
    ticket = locks.enter(call.locks, granted);
    if (grantedAtOnce) granted();
    pumpSoon();
    return () => {
      withdrawn = true;
      if (queue.remove(ready)) expectCalls(share, call.server, -1);
      ticket.release();
      pumpSoon();
    };
  };

  /**
   * Gives free slots out, once all that happens now has happened: a call that ends gives back its slot of the batch, its locks and its
   * slot of the server one after the other, and who comes next by priority may want all three.
   */
  const pumpSoon = (): void => {
    if (willPump) return;
    willPump = true;
    queueMicrotask(() => {
      willPump = false;
      pump();
    });
  };

  const pump = (): void => {
    for (let next = nextReady(); next !== undefined; next = nextReady()) {
      next.share.inFlight++;
      expectCalls(next.share, next.call.server, -1);
      if (rates.binds(next.call.server)) rates.take(next.call.server, clock.now());
      book.take(next.need, next.start);
    }
    alarm.set(rateFreeMs);
  };

  /** The call to start next, if there is one now; where a rate alone stands against one, `rateFreeMs` is when it no longer will. */
  const nextReady = (): ReadyCall | undefined => {
    rateFreeMs = Number.POSITIVE_INFINITY;
    return queue.next(fits, book.capOf);
  };

  const fits = (need: SlotNeed): boolean => {
    if (!book.hasFree(need)) return false;
    if (!rates.binds(need.server)) return true;
    const freeAtMs = rates.freeAtMs(need.server);
    if (freeAtMs <= clock.now()) return true;
    rateFreeMs = Math.min(rateFreeMs, freeAtMs);
    return false;
  };

  const isQueued = (need: SlotNeed): boolean => need.slot || rates.binds(need.server);

  const endWith = (result: JsonObject, { acceptedMs, on }: Admission, ticket: LockTicket): void => {
    const queuedMs = clock.now() - acceptedMs;
    on.settled({
      status: 'ok',
      applied: 'no',
      result,
      attempts: 0,
      queuedMs,
      runMs: 0,
      startedMs: queuedMs,
      cached: true,
    });
    ticket.release();
    on.gone();
    pumpSoon();
  };

  const start = (
    admission: Admission,
    ticket: LockTicket,
    { need, slots }: { need: SlotNeed; slots: HeldSlots },
  ): void => {
    const { call, share, on } = admission;
    const holdsShare = isQueued(need);
    const watched = cache.watch(call);
    const running = startCall({
      call,
      send: admission.send,
      clock,
      acceptedMs: admission.acceptedMs,
      on: {
        settled: (outcome) => {
          if (holdsShare) share.inFlight--;
          slots.giveProcess();
          watched?.settled(outcome);
          on.settled(outcome);
          pumpSoon();
        },
        unlocked: () => {
          // Before others get the locks, so that they do not find what the call has made untrue.
          watched?.over();
          ticket.release();
          on.gone();
          pumpSoon();
        },
        vacated: () => {
          slots.giveServer();
          pumpSoon();
        },
      },
    });
    on.started(running);
  };

  const giveBack = ({ share, call }: ReadyCall, slots: HeldSlots): void => {
    share.inFlight--;
    rates.giveBack(call.server);
    slots.giveProcess();
    slots.giveServer();
    pumpSoon();
  };

  return {
    admit,
    forget: cache.forget,
    load: () => ({ lockNodes: locks.size(), ready: queue.size(), slots: book.taken() }),
  };
}
