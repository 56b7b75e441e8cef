import { settleUnsent, type Outcome } from '../../../core/outcome.ts';
import { stoppedAfter, type Plan, type PlanEntry, type Prepare } from '../../../core/plan.ts';
import { findFate, type Fate, type RecoveredCalls } from './find-fate.ts';

/**
 * The plan of a batch that was interrupted, for running it again without doing anything twice (scheduling.md §4.10): what is known to
 * have ended keeps its end, what was sent and may have taken effect is not sent again, and the rest runs.
 */
export function recoverPlan(plan: Plan, calls: RecoveredCalls): Plan {
  return { ...plan, entries: recoverEntries(plan.entries, { calls, onError: plan.onError }) };
}

/** Does for the elements of `forEach` calls, as they become known, what `recoverPlan` does for calls. */
export function recoverPrepare(
  prepare: Prepare,
  { calls, onError }: { calls: RecoveredCalls } & Pick<Plan, 'onError'>,
): Prepare {
  return (call, outcomes) => {
    const prepared = prepare(call, outcomes);
    if (prepared.kind !== 'each') return prepared;
    return { kind: 'each', entries: recoverEntries(prepared.entries, { calls, onError }) };
  };
}

function recoverEntries(
  entries: readonly PlanEntry[],
  { calls, onError }: { calls: RecoveredCalls } & Pick<Plan, 'onError'>,
): PlanEntry[] {
  const fates: Fate[] = [];
  for (const entry of entries) fates.push(findFate(entry, { calls, earlier: fates }));
  // What had failed then has kept from starting what had not started.
  const failed = onError === 'stop' ? entries.find((_, index) => isFailure(fates[index])) : undefined;
  return entries.map((entry, index): PlanEntry => {
    const { outcome } = fates[index] ?? {};
    if (outcome !== undefined) return settledAs(entry, outcome);
    if (entry.kind === 'settled' || failed === undefined) return entry;
    return settledAs(entry, settleUnsent(stoppedAfter(idOf(failed))));
  });
}

function settledAs(entry: PlanEntry, outcome: Outcome): PlanEntry {
  if (entry.kind === 'settled') return { ...entry, outcome };
  const { index, id, exposedName, server, class: toolClass, reason, locks } = entry.call;
  return { kind: 'settled', index, id, tool: exposedName, outcome, server, class: toolClass, reason, locks };
}

function isFailure(fate: Fate | undefined): boolean {
  const status = fate?.outcome?.status;
  return status !== undefined && status !== 'ok' && status !== 'skipped';
}

function idOf(entry: PlanEntry): string {
  return entry.kind === 'run' ? entry.call.id : entry.id;
}
