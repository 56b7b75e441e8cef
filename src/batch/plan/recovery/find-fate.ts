import type { RecoveredCall } from '../../../core/journal.ts';
import type { CallError, Outcome } from '../../../core/outcome.ts';
import type { PlanEntry, PlannedCall } from '../../../core/plan.ts';

/** What is known of the calls of an interrupted batch, by their ids; elements of `forEach` calls have ids such as `c1[0]`. */
export type RecoveredCalls = ReadonlyMap<string, RecoveredCall>;

/** What is to become of a call of an interrupted batch. */
export interface Fate {
  /** It is not sent, and ends so. Absent: nothing of it has happened, or nothing that may not happen again. */
  outcome?: Outcome;
}

/** `earlier`: the fates of the entries before it. */
export function findFate(
  entry: PlanEntry,
  { calls, earlier }: { calls: RecoveredCalls; earlier: readonly Fate[] },
): Fate {
  if (entry.kind === 'settled') {
    const outcome = calls.get(entry.id)?.outcome;
    return outcome === undefined ? {} : { outcome };
  }
  const { call } = entry;
  const own = calls.get(call.id);
  if (own !== undefined) return fateOf(own, call);
  const isUntouched = call.isOpen !== true || elementsOf(call, calls).every(({ class: sentAs }) => sentAs === 'read');
  // Elements are known by their number: over another list, a number would mean another element.
  const isSameList = call.needs.every(
    ({ index, isOrderOnly }) => isOrderOnly === true || earlier[index]?.outcome !== undefined,
  );
  return isUntouched || isSameList ? {} : { outcome: unknownEnd(sourcesGone(call)) };
}

function fateOf({ class: sentAs, outcome }: RecoveredCall, { class: plannedAs }: PlannedCall): Fate {
  const isRead = sentAs === 'read' && plannedAs === 'read';
  if (outcome === undefined) return isRead ? {} : { outcome: unknownEnd(interrupted) };
  const { status, applied, result } = outcome;
  // It was stopped since its client had gone; or its result was too large to be kept, and others may need it.
  if (status === 'cancelled' && applied === 'no') return {};
  return isRead && status === 'ok' && result === undefined ? {} : { outcome };
}

function elementsOf({ id }: PlannedCall, calls: RecoveredCalls): RecoveredCall[] {
  return [...calls].flatMap(([callId, call]) => (callId.startsWith(`${id}[`) ? [call] : []));
}

const interrupted: CallError = {
  code: 'connection_lost',
  message: 'mcp-marshal ended while this call ran, and whether it took effect is not known; it was not sent again',
  retryable: false,
};

function sourcesGone({ id }: PlannedCall): CallError {
  const message = `mcp-marshal ended while elements of ${id} ran, and what they were made from is not known any more; none was sent again`;
  return { code: 'connection_lost', message, retryable: false };
}

function unknownEnd(error: CallError): Outcome {
  return { status: 'failed', applied: 'unknown', error, attempts: 1, queuedMs: 0, runMs: 0, startedMs: 0 };
}
