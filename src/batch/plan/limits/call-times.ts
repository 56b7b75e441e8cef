import type { CatalogEntry } from '../../../catalog/build-catalog.ts';
import type { ToolClass } from '../../../core/tool.ts';
import { toolRuleOf } from '../../../policy/policy-index.ts';
import type { PlannedServers } from '../order/judged-call.ts';

// Contract: a call in a batch has 2 minutes unless something more specific says otherwise.
const builtinTimeoutMs = 120_000;

/** How long a call of a batch may run: the most specific limit of its tool, which the call may shorten. */
export function timeoutOf(
  { server, tool, policy }: CatalogEntry,
  { asked, servers }: { asked?: number | undefined; servers: PlannedServers },
): number {
  const limitMs =
    toolRuleOf(policy, tool.name)?.timeoutMs ??
    servers.get(server)?.timeoutMs ??
    policy.limits.timeoutMs ??
    builtinTimeoutMs;
  return Math.min(asked ?? limitMs, limitMs);
}

/**
 * How long the result of a call may be used again: what the tool's rule says, else the policy. Reads only; and what locks nothing,
 * such as a clock, only by a rule of its own, since no write ever tells that it has changed.
 */
export function cacheTimeOf({ tool, policy }: CatalogEntry, toolClass: ToolClass): number | undefined {
  if (toolClass !== 'read') return undefined;
  const rule = toolRuleOf(policy, tool.name);
  const cacheMs = rule?.cacheMs ?? (rule?.locks === 'none' ? undefined : policy.cacheMs);
  return cacheMs === 'none' ? undefined : cacheMs;
}
