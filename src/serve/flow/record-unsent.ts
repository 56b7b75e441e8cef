import type { Outcome } from '../../core/outcome.ts';
import type { Plan } from '../../core/plan.ts';
import { localPrincipal } from '../batch/batch-input.ts';
import type { Engine } from '../engine.ts';

/**
 * Records what a client reads though nothing is sent for it: the result of a call that was kept from before (`index`), or those of a whole
 * batch that ran under its idempotency key before.
 */
export function recordUnsent(
  { flow, setup, catalog }: Pick<Engine, 'flow' | 'setup' | 'catalog'>,
  { principal = localPrincipal, plan, index }: { principal?: string | undefined; plan: Plan; index?: number },
): void {
  if (setup().flow === undefined) return;
  for (const entry of index === undefined ? plan.entries : plan.entries.slice(index, index + 1)) {
    // What would not run now did run then.
    const call = entry.kind === 'run' ? entry.call : catalog().byExposedName.get(entry.tool);
    if (call !== undefined) flow.record(principal, call);
  }
}

/** Whether any of it was answered by a result from before. */
export function isCached({ cached, items }: Outcome): boolean {
  return cached === true || items?.some(isCached) === true;
}
