import type { Outcome } from '../../core/outcome.ts';
import type { Plan } from '../../core/plan.ts';
import type { ToolClass } from '../../core/tool.ts';
import type { BatchRequest } from '../request/batch-request.ts';
import type { Timing } from '../compute-timing.ts';

/** A batch that has ended, or whose deadline has passed, with all that a reply says of it. */
export interface FinishedBatch {
  plan: Plan;
  /** One per call, at its index. */
  outcomes: readonly Outcome[];
  request: BatchRequest;
  /** From acceptance to this reply. */
  wallMs: number;
  timing: Timing;
}

/** One call of a finished batch: who it was and how it ended. */
export interface ReplyRow {
  id: string;
  index: number;
  /** The exposed name, or what the caller wrote where that names nothing. */
  tool: string;
  server?: string;
  class?: ToolClass;
  reason?: string;
  outcome: Outcome;
  /** Ids of the calls that had to finish first. */
  waitedFor: readonly string[];
  /** Characters of its result at most. */
  maxChars: number;
}

const unknownYet: Outcome = { status: 'pending', applied: 'unknown', attempts: 0, queuedMs: 0, runMs: 0, startedMs: 0 };

/** One row per call, at its index, whatever happened. */
export function toRows({ plan, outcomes, request }: FinishedBatch): ReplyRow[] {
  const ids = plan.entries.map((entry) => (entry.kind === 'run' ? entry.call.id : entry.id));
  return plan.entries.map((entry, index): ReplyRow => {
    const maxChars = request.calls[index]?.maxChars ?? Infinity;
    if (entry.kind === 'settled') {
      return { ...entry, waitedFor: [], maxChars };
    }
    const { id, exposedName: tool, server, class: toolClass, reason, after } = entry.call;
    const outcome = outcomes[index] ?? unknownYet;
    const waitedFor = after.flatMap((earlier) => ids[earlier] ?? []);
    return { id, index, tool, server, class: toolClass, reason, outcome, waitedFor, maxChars };
  });
}
