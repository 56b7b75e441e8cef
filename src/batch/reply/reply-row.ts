import type { JsonObject } from '../../core/json.ts';
import type { LateEnd, Outcome, Status } from '../../core/outcome.ts';
import type { Plan, PlanEntry, PlannedCall } from '../../core/plan.ts';
import type { ToolClass } from '../../core/tool.ts';
import { selectValues } from '../references/select-values.ts';
import type { BatchRequest, CallRequest } from '../request/batch-request.ts';
import type { Timing } from '../compute-timing.ts';

/** A batch that has ended, or that stands as it does when a reply is written, with all that the reply says of it. */
export interface FinishedBatch {
  plan: Plan;
  /** One per call, at its index. */
  outcomes: readonly Outcome[];
  request: BatchRequest;
  /** From acceptance to the end of the batch, or to this reply. */
  wallMs: number;
  timing: Timing;
  /** What was learnt of its calls after they had been settled. Absent: the reply shows them as they were settled. */
  late?: readonly LateEnd[];
  /** What its client should know of how it ran; shown among the warnings. */
  notes?: readonly string[];
}

/** One call of a finished batch, or one element of a `forEach` call: who it was and how it ended. */
export interface ReplyRow {
  id: string;
  /** Position in the batch; of an element, in its call. */
  index: number;
  /** The exposed name, or what the caller wrote where that names nothing. */
  tool: string;
  server?: string;
  class?: ToolClass;
  reason?: string;
  /** What is known by now: an answer that came late has its result and its effect in here, beside the status and the error from before. */
  outcome: Outcome;
  /** How the call ended after all, where that was learnt late. */
  lateStatus?: Status;
  /** Ids of the calls that had to finish first. */
  waitedFor: readonly string[];
  /** Characters of its result at most; of a `forEach` call those that all its elements may have together. */
  maxChars: number;
  /** `select`: what stands for the result, and what was not found of it. */
  selected?: { selected: JsonObject; missing: readonly string[] };
  /** `forEach`: the elements, in their order. */
  items?: readonly ReplyRow[];
  /** The identical call that was sent in its stead shows the same, so the reader has it. */
  isShownElsewhere: boolean;
}

const unknownYet: Outcome = { status: 'pending', applied: 'unknown', attempts: 0, queuedMs: 0, runMs: 0, startedMs: 0 };

/** One row per call, at its index, whatever happened. */
export function toRows({ plan, outcomes, request, late = [] }: FinishedBatch): ReplyRow[] {
  const { entries } = plan;
  const lateEnds = new Map(late.map((end) => [end.id, end]));
  return entries.map((entry, index): ReplyRow => {
    const asked = request.calls[index];
    const maxChars = asked?.maxChars ?? Infinity;
    if (entry.kind === 'settled') {
      return addSelected({ ...entry, waitedFor: [], maxChars, isShownElsewhere: false }, asked);
    }
    const { call } = entry;
    const outcome = outcomes[index] ?? unknownYet;
    const row = toRow(call, { asked, outcome, id: call.id, index, late: lateEnds.get(call.id) });
    row.waitedFor = waitedFor(call, entries);
    if (outcome.deduplicatedOf !== undefined) {
      const twin = request.calls[call.sameAs ?? -1];
      row.isShownElsewhere = twin !== undefined && showsAllOf(twin, asked);
    }
    if (outcome.items !== undefined) {
      row.items = toItems(call, { asked, items: outcome.items, lateEnds });
      row.maxChars = asked?.ownMaxChars ?? Infinity;
    }
    return row;
  });
}

function toItems(
  call: PlannedCall,
  bag: { asked: CallRequest | undefined; items: readonly Outcome[]; lateEnds: ReadonlyMap<string, LateEnd> },
): ReplyRow[] {
  const { asked, items, lateEnds } = bag;
  return items.map((outcome, index) => {
    const id = `${call.id}[${index}]`;
    const row = toRow(call, { asked, outcome, id, index, late: lateEnds.get(id) });
    row.isShownElsewhere = outcome.deduplicatedOf !== undefined;
    return row;
  });
}

// Written out, since copying objects into one another takes longer than all the rest of a reply with a thousand calls.
function toRow(
  call: PlannedCall,
  bag: {
    asked: CallRequest | undefined;
    outcome: Outcome;
    id: string;
    index: number;
    late: LateEnd | undefined;
  },
): ReplyRow {
  const { asked, id, index, late } = bag;
  const outcome = late === undefined ? bag.outcome : addLate(bag.outcome, late);
  const row: ReplyRow = {
    id,
    index,
    tool: call.exposedName,
    server: call.server,
    class: outcome.decided?.class ?? call.class,
    reason: outcome.decided?.reason ?? call.reason,
    outcome,
    waitedFor: [],
    maxChars: asked?.maxChars ?? Infinity,
    isShownElsewhere: false,
  };
  if (late !== undefined) row.lateStatus = late.status;
  return addSelected(row, asked);
}

function addSelected(row: ReplyRow, asked: CallRequest | undefined): ReplyRow {
  const { status, result } = row.outcome;
  // What a failed tool says is not of the form that `select` was written for.
  if (asked?.select !== undefined && (row.lateStatus ?? status) === 'ok' && result !== undefined) {
    row.selected = selectValues(result, asked.select);
  }
  return row;
}

/** The status stays what the batch went by: the calls that needed this one did not run. */
function addLate(outcome: Outcome, { applied, result }: LateEnd): Outcome {
  return { ...outcome, applied, ...(result !== undefined && { result }) };
}

/** In the order of the batch. What had ended before the batch began was not waited for. */
function waitedFor({ after, needs }: PlannedCall, entries: readonly PlanEntry[]): string[] {
  if (after.length === 0 && needs.length === 0) return [];
  const earlier = new Set([...after, ...needs.map(({ index }) => index)]);
  return [...earlier]
    .sort((a, b) => a - b)
    .flatMap((index) => {
      const entry = entries[index];
      return entry?.kind === 'run' ? [entry.call.id] : [];
    });
}

function showsAllOf(twin: CallRequest, asked: CallRequest | undefined): boolean {
  return (
    twin.maxChars >= (asked?.maxChars ?? Infinity) && JSON.stringify(twin.select) === JSON.stringify(asked?.select)
  );
}
