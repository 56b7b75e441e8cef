import type { Clock, Rate } from '../core/clock.ts';
import type { JsonObject } from '../core/json.ts';
import type { Outcome } from '../core/outcome.ts';
import type { PlannedCall } from '../core/plan.ts';
import { createLockTable, type LockTicket } from './lock-table.ts';
import { createReadyQueue, expectCalls, type ReadyCall, type Share } from './ready-queue.ts';
import { createResultCache } from './cache/result-cache.ts';
import { createSlotBook, noSlots, type HeldSlots, type ServerCaps, type SlotNeed } from './slot-book.ts';
import { startCall, type RunningCall, type Send } from './start-call.ts';
import { createTurnGate } from './turn-gate.ts';

/** A call whose predecessors have finished, on its way through locks and slots. */
export interface Admission {
  call: PlannedCall;
  share: Share;
  /** Its place in the batch: what goes first among equals. Elements stand between their call and the next. */
  rank: number;
  send: Send;
  acceptedMs: number;
  /** Whether the call takes a slot of its batch and of the process, and one of its server. */
  slots: { process: boolean; server: boolean };
  /** None of them is called before `admit` has returned, but for `started` of a call that takes no slots. */
  on: {
    /** Not called for a call that ends with a result from before: nothing of it is ever in flight. */
    started(running: RunningCall): void;
    /** Whether a question of the call's server is with the client. */
    asking?(isAsking: boolean): void;
    settled(outcome: Outcome): void;
    /** The call's locks are free: its successors may be admitted. */
    gone(): void;
  };
}

/** Where locks are granted and slots given out, for all batches and passthrough calls of the process. */
export interface Dispatcher {
  /**
   * Brings a call on its way: its turn, where its server has a rate, then its locks, then its slots. Once it holds its locks, it ends
   * with a result from before where it may. Returns what withdraws it while it waits.
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
  const cache = createResultCache(clock);
  const queue = createReadyQueue();
  const gate = createTurnGate({
    clock,
    rates: options.rates,
    wouldGrant: ({ call }) => locks.wouldGrant(call.locks),
    wake: () => pumpSoon(),
  });
  let willPump = false;

  const admit = (admission: Admission): (() => void) => {
    const { call, share, rank } = admission;
    const need: SlotNeed = { server: call.server, isWrite: call.class !== 'read', process: admission.slots.process };
    let ticket: LockTicket | undefined;
    let hasTurn = false;
    let isStarted = false;
    let withdrawn = false;

    const forTurn: ReadyCall = {
      call,
      share,
      rank,
      need,
      start() {
        hasTurn = true;
        enterLocks();
      },
    };
    const forSlots: ReadyCall = {
      call,
      share,
      rank,
      need,
      start() {
        share.inFlight++;
        expectCalls(share, call.server, -1);
        book.take(need, begin);
      },
    };
    const enterLocks = (): void => {
      let grantedAtOnce = false;
      const granted = (): void => {
        // The lock table may grant before `enter` has returned the ticket.
        if (ticket === undefined) grantedAtOnce = true;
        else goOn(ticket);
      };
      ticket = locks.enter(call.locks, granted);
      if (grantedAtOnce) goOn(ticket);
    };
    const goOn = (held: LockTicket): void => {
      const result = cache.find(call);
      if (result !== undefined) {
        if (hasTurn) gate.giveBack(forTurn);
        hasTurn = false;
        expectCalls(share, call.server, -1);
        // Not at once: a chain of such calls would go as deep as it is long.
        queueMicrotask(() => {
          if (!withdrawn) endWith(result, admission, held);
        });
      } else if (gate.binds(call.server) && !hasTurn) {
        // What was in the cache when it came is there no more.
        held.release();
        ticket = undefined;
        gate.wait(forTurn);
        pumpSoon();
      } else if (admission.slots.server) {
        queue.add(forSlots);
        pumpSoon();
      } else {
        begin(noSlots);
      }
    };
    const begin = (slots: HeldSlots): void => {
      // Withdrawn in the moment between getting its slots and starting.
      if (withdrawn) return giveBack(forSlots, slots);
      isStarted = true;
      if (hasTurn) {
        gate.use(forTurn);
        // Only now is it known when the next turn is free.
        pumpSoon();
      }
      start(admission, ticket!, slots);
    };

    if (gate.binds(call.server) && cache.find(call) === undefined) {
      gate.wait(forTurn);
      pumpSoon();
    } else enterLocks();
    return () => {
      withdrawn = true;
      if (gate.remove(forTurn) || queue.remove(forSlots)) expectCalls(share, call.server, -1);
      if (hasTurn && !isStarted) gate.giveBack(forTurn);
      hasTurn = false;
      ticket?.release();
      pumpSoon();
    };
  };

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
    });
  };

  const nextReady = (): ReadyCall | undefined => queue.next(fits, book.capOf);
  const fits = ({ share, need }: ReadyCall): boolean => share.inFlight < share.maxParallel && book.hasFree(need);

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

  const start = (admission: Admission, ticket: LockTicket, slots: HeldSlots): void => {
    const { call, share, on } = admission;
    const watched = cache.watch(call);
    let hasAsked = false;
    const running = startCall({
      call,
      send: admission.send,
      clock,
      acceptedMs: admission.acceptedMs,
      on: {
        asking: (isAsking) => {
          hasAsked = true;
          on.asking?.(isAsking);
        },
        settled: (outcome) => {
          if (admission.slots.server) share.inFlight--;
          slots.giveProcess();
          watched?.settled(hasAsked ? withoutResult(outcome) : outcome);
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

  const giveBack = ({ share }: ReadyCall, slots: HeldSlots): void => {
    share.inFlight--;
    slots.giveProcess();
    slots.giveServer();
    pumpSoon();
  };

  return {
    admit,
    forget: cache.forget,
    load: () => ({ lockNodes: locks.size(), ready: queue.size() + gate.size(), slots: book.taken() }),
  };
}

/** As the cache sees the end of a call for which its client was asked: what one has answered makes no result for others. */
function withoutResult(outcome: Outcome): Outcome {
  const { result: _, ...rest } = outcome;
  return rest;
}
