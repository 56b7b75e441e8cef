import type { LateEnd, Outcome } from '../../../src/core/outcome.ts';
import type { BatchHandle } from '../../../src/schedule/batch/batch-handle.ts';

export interface FakeHandle extends BatchHandle {
  /** Has a call end; the batch has ended with its last one. */
  settle(index: number, outcome: Outcome): void;
  /** Has something be learnt late. */
  learn(end: LateEnd): void;
  /** How often everything, and how often anything at all, was cancelled. */
  cancelled: (readonly string[] | undefined)[];
  /** How often its client was told. */
  told: () => number;
}

/** A batch that runs as the test says. */
export function fakeHandle(outcomes: readonly Outcome[]): FakeHandle {
  let now = outcomes;
  let told = 0;
  const late: LateEnd[] = [];
  const listeners = new Set<() => void>();
  const cancelled: FakeHandle['cancelled'] = [];
  let end: (outcomes: readonly Outcome[]) => void = () => {};
  const ended = new Promise<readonly Outcome[]>((resolve) => (end = resolve));
  const changed = (): void => {
    if (now.every(({ status }) => status !== 'pending')) end(now);
    for (const listener of listeners) listener();
  };
  changed();
  return {
    reply: ended,
    ended,
    outcomes: () => now,
    late: () => late,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cancel(ids) {
      cancelled.push(ids);
      return [];
    },
    interrupt: () => void cancelled.push(undefined),
    reported: () => void told++,
    settle(index, outcome) {
      now = now.map((one, position) => (position === index ? outcome : one));
      changed();
    },
    learn(one) {
      late.push(one);
      changed();
    },
    cancelled,
    told: () => told,
  };
}

export const pending: Outcome = {
  status: 'pending',
  applied: 'no',
  attempts: 0,
  queuedMs: 0,
  runMs: 0,
  startedMs: 0,
};
