import type { AbortLike } from '../core/abort.ts';
import type { Clock } from '../core/clock.ts';
import { settleUnsent, type CallError, type Outcome } from '../core/outcome.ts';
import type { Plan, PlannedCall } from '../core/plan.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Share } from './ready-queue.ts';
import { cancelGraceMs, type RunningCall, type Send } from './start-call.ts';

/** How a batch is run. */
export interface RunOptions {
  send: Send;
  /** The client's cancellation. */
  signal?: AbortLike;
  /** Called as each call ends, in the order in which they end. */
  onSettled?: (index: number, outcome: Outcome) => void;
}

/** A call of the batch on its way. */
interface Entry {
  call: PlannedCall;
  waitingFor: number;
  successors: Entry[];
  outcome?: Outcome;
  withdraw?: () => void;
  running?: RunningCall;
  isGone: boolean;
}

/**
 * Runs a plan to its end: one outcome per call, at its index. Never rejects; resolves by the plan's deadline, or by the end of
 * the grace after a cancellation, whichever is first, whatever the upstreams do.
 */
export function runPlan(
  plan: Plan,
  { send, signal, onSettled, ...edge }: RunOptions & { clock: Clock; dispatcher: Dispatcher; age: number },
): Promise<Outcome[]> {
  const { clock, dispatcher } = edge;
  const acceptedMs = clock.now();
  const outcomes: Outcome[] = [];
  const entries = linkEntries(plan);
  const share: Share = {
    age: edge.age,
    maxParallel: plan.maxParallel,
    inFlight: 0,
    unstarted: entries.length,
    backlog: countByServer(entries),
  };
  let unsettled = plan.entries.length;
  let isOver = false;

  return new Promise((resolve) => {
    const timers: (() => void)[] = [];

    const settle = (index: number, outcome: Outcome): void => {
      outcomes[index] = outcome;
      unsettled--;
      onSettled?.(index, outcome);
      if (unsettled > 0) return;
      for (const clear of timers) clear();
      signal?.removeEventListener('abort', cancel);
      resolve(outcomes);
    };

    const admit = (entry: Entry): void => {
      entry.withdraw = dispatcher.admit({
        call: entry.call,
        share,
        send,
        acceptedMs,
        slots: { process: true, server: true },
        on: {
          started: (running) => (entry.running = running),
          settled: (outcome) => {
            entry.outcome = outcome;
            settle(entry.call.index, outcome);
            if (outcome.status !== 'ok' && plan.onError === 'stop') stopAfter(entry.call.id);
          },
          gone: () => leave(entry),
        },
      });
    };

    /** The call can take effect no more: its successors need not wait for it. */
    const leave = (entry: Entry): void => {
      if (entry.isGone) return;
      entry.isGone = true;
      for (const successor of entry.successors) if (--successor.waitingFor === 0 && !isOver) admit(successor);
    };

    const skip = (entry: Entry, error: CallError): void => {
      entry.outcome = settleUnsent(error, clock.now() - acceptedMs);
      entry.withdraw?.();
      settle(entry.call.index, entry.outcome);
    };

    /** Nothing starts from now on: every call that has not started ends with `error`. */
    const endQueue = (error: CallError): void => {
      isOver = true;
      share.maxParallel = 0;
      for (const entry of entries) if (entry.outcome === undefined && entry.running === undefined) skip(entry, error);
    };

    const stopAfter = (id: string): void => {
      if (!isOver)
        endQueue({
          code: 'stopped_after_error',
          message: `not started: ${id} did not succeed and onError is "stop"`,
          retryable: true,
          by: id,
        });
    };

    const reachDeadline = (): void => {
      endQueue({ code: 'deadline', message: 'not started when the batch had to answer', retryable: true });
      for (const entry of entries) if (entry.outcome === undefined) entry.running?.stop('deadline');
    };

    const cancel = (): void => {
      endQueue({ code: 'cancelled', message: 'not started: the batch was cancelled', retryable: true });
      for (const entry of entries) {
        if (entry.outcome === undefined && entry.call.class === 'read') entry.running?.abandon();
      }
      if (unsettled === 0) return;
      timers.push(
        clock.after(cancelGraceMs, () => {
          for (const entry of entries) if (entry.outcome === undefined) entry.running?.abandon();
        }),
      );
    };

    for (const entry of plan.entries) if (entry.kind === 'settled') settle(entry.index, entry.outcome);
    if (unsettled === 0) return;
    if (signal?.aborted === true) {
      cancel();
      return;
    }
    // What is sent now could only be reported as unknown.
    if (plan.deadlineMs <= 0) return reachDeadline();
    signal?.addEventListener('abort', cancel, { once: true });
    timers.push(clock.after(plan.deadlineMs, reachDeadline));
    for (const entry of entries) if (entry.waitingFor === 0 && entry.outcome === undefined) admit(entry);
  });
}

function linkEntries(plan: Plan): Entry[] {
  const byIndex = new Map<number, Entry>();
  for (const planned of plan.entries) {
    if (planned.kind === 'settled') continue;
    const entry: Entry = { call: planned.call, waitingFor: 0, successors: [], isGone: false };
    for (const index of planned.call.after) {
      const predecessor = byIndex.get(index);
      if (predecessor === undefined) continue;
      predecessor.successors.push(entry);
      entry.waitingFor++;
    }
    byIndex.set(planned.call.index, entry);
  }
  return [...byIndex.values()];
}

function countByServer(entries: readonly Entry[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { call } of entries) counts.set(call.server, (counts.get(call.server) ?? 0) + 1);
  return counts;
}
