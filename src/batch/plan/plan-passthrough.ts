import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import type { ServerConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import { classifyTool } from '../../policy/classify-tool.ts';
import { decideCall } from '../../policy/decide-call.ts';
import { locksOfCall } from '../../policy/locks/locks-of-call.ts';
import { toolRuleOf } from '../../policy/policy-index.ts';
import { denialOf } from './denial-of.ts';

/** A tool call that a client sent by itself, planned by the same rules as one in a batch, or the reason why it may not run. */
export function planPassthrough(
  entry: CatalogEntry,
  { args, server }: { args: JsonObject; server: ServerConfig },
): { ok: true; call: PlannedCall } | { ok: false; error: CallError } {
  const { tool, policy } = entry;
  const classification = classifyTool(tool, policy, args);
  const decision = decideCall({ tool, policy, classification, route: 'passthrough' });
  if (decision.decision !== 'allow') return { ok: false, error: denialOf(decision, { entry, route: 'passthrough' }) };
  const timeoutMs = toolRuleOf(policy, tool.name)?.timeoutMs ?? server.timeoutMs;
  return {
    ok: true,
    call: {
      index: 0,
      id: entry.exposedName,
      server: entry.server,
      tool: tool.name,
      exposedName: entry.exposedName,
      arguments: args,
      class: classification.class,
      reason: classification.reason,
      locks: locksOfCall({ policy, toolName: tool.name, class: classification.class, args, route: 'passthrough' }),
      after: [],
      pathLength: 1,
      ...(timeoutMs !== undefined && { timeoutMs }),
    },
  };
}
