import type { Clock } from '../core/clock.ts';
import type { Outcome } from '../core/outcome.ts';
import type { PlannedCall } from '../core/plan.ts';
import { createLockTable, type LockTicket } from './lock-table.ts';
import { createReadyQueue, type ReadyCall, type Share } from './ready-queue.ts';
import { createSlotBook, type HeldSlots, type ServerCaps } from './slot-book.ts';
import { startCall, type RunningCall, type Send } from './start-call.ts';

/** A call whose predecessors have finished, on its way through locks and slots. */
export interface Admission {
  call: PlannedCall;
  share: Share;
  send: Send;
  acceptedMs: number;
  /** Whether the call takes a slot of its batch and of the process, and one of its server. */
  slots: { process: boolean; server: boolean };
  on: {
    started(running: RunningCall): void;
    settled(outcome: Outcome): void;
    /** The call's locks are free: its successors may be admitted. */
    gone(): void;
  };
}

/** Where locks are granted and slots given out, for all batches and passthrough calls of the process. */
export interface Dispatcher {
  /** Enters the call's locks, then starts it as soon as it holds them and its slots are free. Returns what withdraws it while it waits. */
  admit(admission: Admission): () => void;
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
}): Dispatcher {
  const locks = createLockTable();
  const book = createSlotBook(options);
  const queue = createReadyQueue();
  let pumping = false;

  const admit = (admission: Admission): (() => void) => {
    const { call, share } = admission;
    const need = { server: call.server, isWrite: call.class !== 'read', process: admission.slots.process };
    const ready: ReadyCall = { call, share, need, start: (slots) => begin(slots) };
    let ticket: LockTicket | undefined;
    let grantedAtOnce = false;
    let withdrawn = false;
    const begin = (slots: HeldSlots): void => {
      // Withdrawn in the moment between getting its slots and starting.
      if (withdrawn) giveBack(admission, slots);
      else start(admission, ticket!, slots);
    };
    const granted = (): void => {
      // The lock table may grant before `enter` has returned the ticket.
      if (ticket === undefined) grantedAtOnce = true;
      else if (admission.slots.server) queue.add(ready);
      else begin(noSlots);
    };
    ticket = locks.enter(call.locks, granted);
    if (grantedAtOnce) granted();
    pump();
    return () => {
      withdrawn = true;
      if (queue.remove(ready)) leaveBacklog(share, call.server);
      ticket.release();
      pump();
    };
  };

  const pump = (): void => {
    if (pumping) return;
    pumping = true;
    for (
      let next = queue.next(book.hasFree, book.capOf);
      next !== undefined;
      next = queue.next(book.hasFree, book.capOf)
    ) {
      next.share.inFlight++;
      leaveBacklog(next.share, next.call.server);
      book.take(next.need, next.start);
    }
    pumping = false;
  };

  const start = (admission: Admission, ticket: LockTicket, slots: HeldSlots): void => {
    const { call, share, on } = admission;
    const running = startCall({
      call,
      send: admission.send,
      clock: options.clock,
      acceptedMs: admission.acceptedMs,
      on: {
        settled: (outcome) => {
          if (admission.slots.server) share.inFlight--;
          slots.giveProcess();
          on.settled(outcome);
          pump();
        },
        unlocked: () => {
          ticket.release();
          on.gone();
          pump();
        },
        vacated: () => {
          slots.giveServer();
          pump();
        },
      },
    });
    on.started(running);
  };

  const giveBack = (admission: Admission, slots: HeldSlots): void => {
    admission.share.inFlight--;
    slots.giveProcess();
    slots.giveServer();
    pump();
  };

  return {
    admit,
    load: () => ({ lockNodes: locks.size(), ready: queue.size(), slots: book.taken() }),
  };
}

const noSlots: HeldSlots = { giveProcess() {}, giveServer() {} };

function leaveBacklog(share: Share, server: string): void {
  share.unstarted--;
  share.backlog.set(server, (share.backlog.get(server) ?? 1) - 1);
}
