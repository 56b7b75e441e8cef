import type { PlanEntry } from '../../../core/plan.ts';
import { touchedBy, type Caller, type Touched } from '../../../core/verdict.ts';

/**
 * On whose behalf the call at an index of a planned batch is made: with what its client has read until now, and what the calls before
 * it read, also where they have not ended. Nothing where anybody may call everything.
 */
export function createCallerAt(
  entries: readonly PlanEntry[],
  caller: (() => Caller) | undefined,
): (index: number) => Caller | undefined {
  let before: readonly Touched[] | undefined;
  return (index) => {
    const now = caller?.();
    if (now?.flow === undefined) return now;
    before ??= listTouched(entries);
    return { ...now, flow: { ...now.flow, touched: { ...before[index], ...now.flow.touched } } };
  };
}

function listTouched(entries: readonly PlanEntry[]): Touched[] {
  let touched: Touched = {};
  return entries.map((entry) => {
    const before = touched;
    if (entry.kind === 'run') touched = touchedBy(touched, entry.call);
    return before;
  });
}
