import { settleUnsent } from '../../../core/outcome.ts';
import { unmetDependency } from '../../../core/plan.ts';
import type { ResolvedCall } from './judged-call.ts';

/** A call that depends on one which cannot run has ended as well, and so on along the chain, except where it asked for just that. */
export function skipUnmet(resolved: readonly ResolvedCall[]): ResolvedCall[] {
  const checked: ResolvedCall[] = [];
  for (const one of resolved) {
    const error = one.error === undefined ? findUnmet(one, checked) : undefined;
    checked.push(error === undefined ? one : { ...one, error });
  }
  return checked;
}

function findUnmet({ call }: ResolvedCall, earlier: readonly ResolvedCall[]): ResolvedCall['error'] {
  for (const { index, when } of call.needs) {
    const needed = earlier[index];
    if (needed?.error === undefined) continue;
    const unmet = unmetDependency(when, { id: needed.call.id, status: settleUnsent(needed.error).status });
    if (unmet !== undefined) return unmet;
  }
  return undefined;
}
