import { computeTiming, type ParallelCaps } from '../../../batch/compute-timing.ts';
import type { FinishedBatch } from '../../../batch/reply/reply-row.ts';
import type { BatchRequest } from '../../../batch/request/batch-request.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Outcome } from '../../../core/outcome.ts';
import type { Plan } from '../../../core/plan.ts';
import type { BatchHandle } from '../../../schedule/batch/batch-handle.ts';
import type { Audience } from './audience.ts';
import { type AwaitPlaces, createAwaitPlaces } from './await-places.ts';

/** A batch that was accepted, while it runs and for as long as its results are kept. */
export interface OpenBatch extends Pick<
  BatchHandle,
  'ended' | 'late' | 'onChange' | 'cancel' | 'interrupt' | 'reported'
> {
  batchId: string;
  plan: Plan;
  /** Resolves when every call has ended, or the deadline has come. */
  replyDue: Promise<unknown>;
  /** The requests that wait for it. */
  audience: Audience;
  /** Those of `batch_await`. */
  awaits: AwaitPlaces;
  /** Of its key, whose that is, and all that was asked for; absent where it has no key. */
  keyDigest?: string;
  /** Whether every call has ended; with an id, whether that call, or that element of one (`c1[0]`), has. What is not there has. */
  isOver(id?: string): boolean;
  /** Those of these ids, each once, that have not ended. */
  openOf(ids: readonly string[]): string[];
  /**
   * To be called before a reply leaves: sees to it that what the reply says holds after a crash as well, when the batch comes again under
   * its key. Without a key it does nothing.
   */
  secure(): void;
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
  keyDigest: string | undefined;
  secure: () => void;
  /** The command that lets a call run whose question waits for somebody at another terminal, by the call's id. */
  allowedBy: (callId: string) => string | undefined;
  /** What its client should know of how it has run so far. */
  notes: () => readonly string[];
}

export function createOpenBatch(options: OpenBatchOptions): OpenBatch {
  const { handle, plan, request, acceptedMs, caps, clock, audience, keyDigest, secure, allowedBy, notes } = options;
  let endedMs: number | undefined;
  const findOutcome = createOutcomeFinder(plan);
  const isOver = (id?: string): boolean => {
    const outcomes = handle.outcomes();
    if (endedMs === undefined && outcomes.every(({ status }) => status !== 'pending')) endedMs = clock.now();
    if (endedMs !== undefined || id === undefined) return endedMs !== undefined;
    return findOutcome(outcomes, id)?.status !== 'pending';
  };
  void handle.ended.then(() => isOver());

  return {
    batchId: plan.batchId,
    plan,
    replyDue: handle.reply,
    audience,
    awaits: createAwaitPlaces(),
    ...(keyDigest !== undefined && { keyDigest }),
    isOver,
    openOf(ids) {
      if (isOver()) return [];
      const outcomes = handle.outcomes();
      return [...new Set(ids)].filter((id) => findOutcome(outcomes, id)?.status === 'pending');
    },
    secure,
    progress() {
      const outcomes = handle.outcomes();
      return { done: outcomes.filter(({ status }) => status !== 'pending').length, total: outcomes.length };
    },
    view() {
      const wallMs = (isOver() ? (endedMs ?? clock.now()) : clock.now()) - acceptedMs;
      const outcomes = nameQuestions(handle.outcomes(), { plan, allowedBy });
      const timing = computeTiming({ plan, outcomes, caps });
      return { plan, outcomes, request, wallMs, timing, late: handle.late(), notes: notes() };
    },
    ended: handle.ended,
    late: () => handle.late(),
    onChange: (listener) => handle.onChange(listener),
    cancel: (ids) => handle.cancel(ids),
    interrupt: () => handle.interrupt(),
    reported: () => handle.reported(),
  };
}

/** Of a call, or of an element where it is known (`c1[0]`), else of its call. */
function createOutcomeFinder(plan: Plan): (outcomes: readonly Outcome[], id: string) => Outcome | undefined {
  let indexes: Map<string, number> | undefined;
  return (outcomes, id) => {
    indexes ??= new Map(
      plan.entries.map((entry, index) => [entry.kind === 'run' ? entry.call.id : entry.id, index] as const),
    );
    const [, callId = id, number] = /^(.*)\[(\d+)\]$/.exec(id) ?? [];
    const outcome = outcomes[indexes.get(callId) ?? -1];
    return number === undefined ? outcome : (outcome?.items?.[Number(number)] ?? outcome);
  };
}

/** The same outcomes; those that wait for a person say where that person can answer. */
function nameQuestions(
  outcomes: readonly Outcome[],
  { plan, allowedBy }: Pick<OpenBatchOptions, 'plan' | 'allowedBy'>,
): readonly Outcome[] {
  const named = (outcome: Outcome, id: string): Outcome => {
    if (outcome.status !== 'pending') return outcome;
    if (outcome.items !== undefined) {
      return { ...outcome, items: outcome.items.map((item, number) => named(item, `${id}[${number}]`)) };
    }
    const command = allowedBy(id);
    return command === undefined ? outcome : { ...outcome, waitsFor: `approval: ${command}` };
  };
  if (outcomes.every(({ status }) => status !== 'pending')) return outcomes;
  return outcomes.map((outcome, index) => {
    const entry = plan.entries[index];
    return entry?.kind === 'run' ? named(outcome, entry.call.id) : outcome;
  });
}
