import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import type { ServerConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Lock } from '../../core/lock.ts';
import type { CallError } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { Classification, Decision } from '../../core/verdict.ts';
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
  const { classification, decision, locks } = standing(entry) ?? judge(entry, args);
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
      locks,
      after: [],
      pathLength: 1,
      ...(timeoutMs !== undefined && { timeoutMs }),
    },
  };
}

interface Judgement {
  classification: Classification;
  decision: Decision;
  locks: readonly Lock[];
}

// An entry is immutable: a changed tool or policy is a new one, and the judgement of the old one goes with it.
const standings = new WeakMap<CatalogEntry, Judgement>();

/** What holds for every call of the tool, whatever its arguments; nothing where policy looks at them. */
function standing(entry: CatalogEntry): Judgement | undefined {
  const known = standings.get(entry);
  if (known !== undefined) return known;
  const rule = toolRuleOf(entry.policy, entry.tool.name);
  if (rule !== undefined && (rule.when.length > 0 || Array.isArray(rule.locks))) return undefined;
  const judgement = judge(entry, {});
  standings.set(entry, judgement);
  return judgement;
}

function judge({ tool, policy }: CatalogEntry, args: JsonObject): Judgement {
  const route = 'passthrough';
  const classification = classifyTool(tool, policy, args);
  return {
    classification,
    decision: decideCall({ tool, policy, classification, route }),
    locks: locksOfCall({ policy, toolName: tool.name, class: classification.class, args, route }),
  };
}
