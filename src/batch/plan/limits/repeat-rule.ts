import type { CatalogEntry } from '../../../catalog/build-catalog.ts';
import type { PlannedCall } from '../../../core/plan.ts';
import type { ToolClass } from '../../../core/tool.ts';
import { toolRuleOf } from '../../../policy/policy-index.ts';

// Design (scheduling.md §4.7): two retries unless policy says otherwise.
const builtinRetries = 2;

/**
 * Whether a call may be sent again after trouble on the way to its server: what reads, and what policy declares idempotent. A hint
 * that says so counts for nothing, since the price of a lie is an effect that comes twice.
 */
export function mayRepeatOf({ tool, policy }: CatalogEntry, toolClass: ToolClass): PlannedCall['mayRepeat'] {
  const times = policy.limits.retries ?? builtinRetries;
  const isSafe = toolClass === 'read' || toolRuleOf(policy, tool.name)?.idempotent === true;
  return times > 0 && isSafe ? { times, afterTimeout: policy.retryTimeouts } : undefined;
}

/** Whether policy wants the call to run though an earlier write of its key ended with an unknown effect. */
export function ignoresUnknown({ tool, policy }: CatalogEntry): boolean {
  return toolRuleOf(policy, tool.name)?.afterUnknown === 'run';
}
