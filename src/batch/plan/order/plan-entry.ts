import { settleUnsent } from '../../../core/outcome.ts';
import type { CallError } from '../../../core/outcome.ts';
import type { Dependency, PlanEntry, PlannedCall } from '../../../core/plan.ts';
import type { CallRequest } from '../../request/batch-request.ts';
import { cacheTimeOf } from '../limits/call-times.ts';
import { ignoresUnknown, mayRepeatOf } from '../limits/repeat-rule.ts';
import type { JudgedCall, Match } from './judged-call.ts';

/** A call of a plan that does not run: how it ended, and what is known of it. */
export function settledEntry(
  index: number,
  { call, match, error }: { call: Pick<CallRequest, 'id' | 'tool'>; match?: Match; error: CallError },
): PlanEntry {
  const known = match && { server: match.entry.server, class: match.class, reason: match.reason };
  const tool = match?.entry.exposedName ?? call.tool;
  return { kind: 'settled', index, id: call.id, tool, outcome: settleUnsent(error), ...known };
}

/** Where a call that runs stands among the others. */
interface Place {
  index: number;
  after: readonly number[];
  needs: readonly Dependency[];
  sameAs?: number | undefined;
  pathLength: number;
  timeoutMs: number | undefined;
}

/** A call of a plan that runs. */
export function runEntry({ call, match }: Pick<JudgedCall, 'call'> & { match: Match }, place: Place): PlanEntry {
  const { entry } = match;
  // Field by field: objects put together by spreading cost more than all the rest of planning.
  const planned: PlannedCall = {
    index: place.index,
    id: call.id,
    server: entry.server,
    tool: entry.tool.name,
    exposedName: entry.exposedName,
    arguments: call.arguments,
    class: match.class,
    reason: match.reason,
    locks: match.locks,
    after: place.after,
    needs: place.needs,
    pathLength: place.pathLength,
  };
  const cacheMs = cacheTimeOf(entry, match.class);
  const mayRepeat = mayRepeatOf(entry, match.class);
  if (place.timeoutMs !== undefined) planned.timeoutMs = place.timeoutMs;
  if (call.isOpen) planned.isOpen = true;
  if (match.mayAsk === true) planned.mayAsk = true;
  if (match.approval !== undefined) planned.approval = match.approval;
  if (entry.marks.length > 0) planned.marks = entry.marks;
  if (place.sameAs !== undefined) planned.sameAs = place.sameAs;
  if (cacheMs !== undefined) planned.cacheMs = cacheMs;
  if (mayRepeat !== undefined) planned.mayRepeat = mayRepeat;
  if (ignoresUnknown(entry)) planned.ignoresUnknown = true;
  return { kind: 'run', call: planned };
}
