import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import { toolClasses, type ToolClass } from '../../core/tool.ts';
import type { Caller, Classification, Decision } from '../../core/verdict.ts';
import { classifyTool } from '../../policy/classify-tool.ts';
import { decideCall } from '../../policy/decide-call.ts';
import { locksOfCall } from '../../policy/locks/locks-of-call.ts';
import type { ArgumentValidator } from './argument-validator.ts';
import { approvalOf } from './approval/approval-of.ts';
import { denialOf } from './denial-of.ts';
import type { Match } from './order/judged-call.ts';
import { toolSignature } from './tool-signature.ts';

/** With an `error` the call does not run. */
type Judgement = { match: Match; warning?: string } & ({ error?: undefined } | { error: CallError });

/**
 * What one call of a tool is, by its arguments: its class, whether policy lets it run or wants a person to say yes, whether the
 * arguments fit, what it locks. Of a call that `isOpen` class and locks are the widest that it could have, and nothing is held against
 * it that may yet turn out well: neither errors that a hole may cause, nor a class that depends on one.
 */
export function judgeCall(
  entry: CatalogEntry,
  call: {
    arguments: JsonObject;
    isOpen: boolean;
    holes: readonly string[];
    validate: ArgumentValidator;
    /** On whose behalf, with what was read before this call. */
    caller?: Caller | undefined;
    /** Where a value comes from that the schema does not take. */
    explain?: NonNullable<Parameters<ArgumentValidator>[2]>['explain'];
  },
): Judgement {
  const { tool, policy, exposedName } = entry;
  const args = call.arguments;
  const classification = classifyTool(tool, policy, args);
  const { class: toolClass, reason } = classification;
  const locks = locksOfCall({ policy, toolName: tool.name, class: toolClass, args, route: 'batch' });
  const match: Match = { entry, class: toolClass, reason, locks };

  const decide = (as: Classification): Decision => decideInBatch(entry, as, call.caller);
  const decision = decide(classification);
  const others = call.isOpen
    ? classesBelow(toolClass, entry).map((other) => decide({ ...classification, class: other }))
    : [];
  const couldBe = [decision, ...others].map((one) => one.decision);
  if (couldBe.every((one) => one === 'deny')) return { match, error: denialOf(decision) };
  const { reasons, warning } = call.validate(tool, args, { holes: call.holes, explain: call.explain });
  const judged = { match, ...(warning !== undefined && { warning: `${exposedName}: ${warning}` }) };
  if (reasons.length > 0) {
    const message = `${reasons.join('; ')}\narguments: ${toolSignature(tool.inputSchema)}`;
    return { ...judged, error: { code: 'invalid_arguments', message, retryable: false } };
  }
  if (!couldBe.includes('ask')) return judged;
  if (call.isOpen) return { ...judged, match: { ...match, mayAsk: true } };
  return { ...judged, match: { ...match, approval: approvalOf(decision, entry) } };
}

function decideInBatch(
  { tool, policy, exposedName, quarantine }: CatalogEntry,
  classification: Classification,
  caller: Caller | undefined,
): Decision {
  return decideCall({ tool, policy, classification, route: 'batch', exposedName, quarantine, caller });
}

/** What a call may yet turn out to be, once it is known what its open places hold. */
function classesBelow(toolClass: ToolClass, { classes }: CatalogEntry): ToolClass[] {
  return toolClasses.slice(0, toolClasses.indexOf(toolClass)).filter((other) => classes.has(other));
}
