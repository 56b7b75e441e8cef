import type { CatalogEntry } from '../../../catalog/build-catalog.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { CallRoute, Decision } from '../../../core/verdict.ts';
import { classifyTool } from '../../../policy/classify-tool.ts';
import { decideCall } from '../../../policy/decide-call.ts';
import { changeThatAllows } from './change-that-allows.ts';

/**
 * What would let a call run that needs approval and did not get it, beside a yes: what can be done at once by whoever sends it, and what
 * its user can write into the policy. `isFlow`: it is the flow rule that asks, which holds on every way and which no `allow` waives.
 */
export function waysToAllow(
  entry: CatalogEntry,
  { args, route, isFlow }: { args: JsonObject; route: CallRoute; isFlow: boolean },
): { alone?: string; mend: string } {
  const { tool, policy, exposedName } = entry;
  if (isFlow) return { mend: changeThatAllows({ isFlow }, entry) };
  const classification = classifyTool(tool, policy, args);
  const decide = (by: CallRoute): Decision => decideCall({ tool, policy, classification, exposedName, route: by });
  const isAllowedAlone = route === 'batch' && decide('passthrough').decision === 'allow';
  return {
    ...(isAllowedAlone && { alone: `call ${exposedName} by itself, outside a batch` }),
    mend: changeThatAllows(decide(route), entry),
  };
}
