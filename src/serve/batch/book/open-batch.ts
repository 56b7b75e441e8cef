import { computeTiming, type ParallelCaps } from '../../../batch/compute-timing.ts';
import type { FinishedBatch } from '../../../batch/reply/reply-row.ts';
import type { BatchRequest } from '../../../batch/request/batch-request.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Plan } from '../../../core/plan.ts';
import type { BatchHandle } from '../../../schedule/batch/batch-handle.ts';
import type { Audience } from './audience.ts';

/** A batch that was accepted, while it runs and for as long as its results are kept. */
export interface OpenBatch extends Pick<BatchHandle, 'ended' | 'late' | 'onChange' | 'cancel' | 'reported'> {
  batchId: string;
  plan: Plan;
  /** Resolves when every call has ended, or the deadline has come. */
  replyDue: Promise<unknown>;
  /** The requests that wait for it. */
  audience: Audience;
  /** Whether every call has ended; with an id, whether that call, or that element of one (`c1[0]`), has. What is not there has. */
  isOver(id?: string): boolean;
  /** How many calls have ended. */
  progress(): { done: number; total: number };
  /** As it stands now, with all that a reply says of it. */
  view(): FinishedBatch;
}

export interface OpenBatchOptions {
  handle: BatchHandle;
  plan: Plan;
  request: BatchRequest;
  acceptedMs: number;
  caps: ParallelCaps;
  clock: Clock;
  audience: Audience;
  /** What its client should know of how it has run so far. */
  notes: () => readonly string[];
}

export function createOpenBatch(options: OpenBatchOptions): OpenBatch {
  const { handle, plan, request, acceptedMs, caps, clock, audience, notes } = options;
  let endedMs: number | undefined;
  const isOver = (id?: string): boolean => {
    const outcomes = handle.outcomes();
    if (endedMs === undefined && outcomes.every(({ status }) => status !== 'pending')) endedMs = clock.now();
    if (endedMs !== undefined || id === undefined) return endedMs !== undefined;
    const [, callId = id, number] = /^(.*)\[(\d+)\]$/.exec(id) ?? [];
    const index = plan.entries.findIndex((entry) => (entry.kind === 'run' ? entry.call.id : entry.id) === callId);
    const outcome = outcomes[index];
    const asked = number === undefined ? outcome : (outcome?.items?.[Number(number)] ?? outcome);
    return asked?.status !== 'pending';
  };
  void handle.ended.then(() => isOver());

  return {
    batchId: plan.batchId,
    plan,
    replyDue: handle.reply,
    audience,
    isOver,
    progress() {
      const outcomes = handle.outcomes();
      return { done: outcomes.filter(({ status }) => status !== 'pending').length, total: outcomes.length };
    },
    view() {
      const wallMs = (isOver() ? (endedMs ?? clock.now()) : clock.now()) - acceptedMs;
      const outcomes = handle.outcomes();
      const timing = computeTiming({ plan, outcomes, caps });
      return { plan, outcomes, request, wallMs, timing, late: handle.late(), notes: notes() };
    },
    ended: handle.ended,
    late: () => handle.late(),
    onChange: (listener) => handle.onChange(listener),
    cancel: (ids) => handle.cancel(ids),
    reported: () => handle.reported(),
  };
}
