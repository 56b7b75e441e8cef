import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import type { ServerConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Lock } from '../../core/lock.ts';
import type { CallError } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { Caller, Classification, Decision } from '../../core/verdict.ts';
import { classifyTool } from '../../policy/classify-tool.ts';
import { decideCall } from '../../policy/decide-call.ts';
import { locksOfCall } from '../../policy/locks/locks-of-call.ts';
import { toolRuleOf } from '../../policy/policy-index.ts';
import { approvalOf } from './approval/approval-of.ts';
import { denialOf } from './denial-of.ts';
import { cacheTimeOf } from './limits/call-times.ts';
import { ignoresUnknown, mayRepeatOf } from './limits/repeat-rule.ts';

/** A tool call that a client sent by itself, planned by the same rules as one in a batch, or the reason why it may not run, whoever is asked. */
export function planPassthrough(
  entry: CatalogEntry,
  { args, server, caller }: { args: JsonObject; server: ServerConfig; caller?: Caller },
): { ok: true; call: PlannedCall } | { ok: false; error: CallError } {
  const { tool, policy } = entry;
  const judged = judge(entry, args);
  const { classification, locks = lockCall(entry, { args, classification }) } = judged;
  const isAnybody = caller?.scopes === undefined && caller?.flow === undefined;
  const decision = isAnybody ? judged.decision : decide(entry, { classification, caller });
  if (decision.decision === 'deny') return { ok: false, error: denialOf(decision) };
  const timeoutMs = toolRuleOf(policy, tool.name)?.timeoutMs ?? server.timeoutMs;
  const cacheMs = cacheTimeOf(entry, classification.class);
  const mayRepeat = mayRepeatOf(entry, classification.class);
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
      needs: [],
      pathLength: 1,
      ...(decision.decision === 'ask' && { approval: approvalOf(decision, entry) }),
      ...(entry.marks.length > 0 && { marks: entry.marks }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(cacheMs !== undefined && { cacheMs }),
      ...(mayRepeat !== undefined && { mayRepeat }),
      ...(ignoresUnknown(entry) && { ignoresUnknown: true as const }),
    },
  };
}

interface Judgement {
  classification: Classification;
  /** For a caller who may make all calls, and has read nothing. */
  decision: Decision;
  /** Absent where they depend on the arguments. */
  locks?: readonly Lock[];
}

// An entry is immutable: a changed tool or policy is a new one, and the judgement of the old one goes with it.
const standing = new WeakMap<CatalogEntry, Judgement>();

/** What holds for every call of the tool is found out once. */
function judge(entry: CatalogEntry, args: JsonObject): Judgement {
  const known = standing.get(entry);
  if (known !== undefined) return known;
  const { tool, policy } = entry;
  const rule = toolRuleOf(policy, tool.name);
  const classification = classifyTool(tool, policy, args);
  const decision = decide(entry, { classification });
  if (rule !== undefined && rule.when.length > 0) return { classification, decision };
  const judgement: Judgement = { classification, decision };
  if (!Array.isArray(rule?.locks)) judgement.locks = lockCall(entry, { args, classification });
  standing.set(entry, judgement);
  return judgement;
}

function decide(
  { tool, policy, exposedName, quarantine }: CatalogEntry,
  { classification, caller }: { classification: Classification; caller?: Caller | undefined },
): Decision {
  return decideCall({ tool, policy, classification, route: 'passthrough', exposedName, quarantine, caller });
}

function lockCall(
  { tool, policy }: CatalogEntry,
  { args, classification }: { args: JsonObject; classification: Classification },
): readonly Lock[] {
  return locksOfCall({ policy, toolName: tool.name, class: classification.class, args, route: 'passthrough' });
}
