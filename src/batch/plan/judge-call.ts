import type { CatalogEntry } from '../../catalog/build-catalog.ts';
import type { JsonObject } from '../../core/json.ts';
import type { CallError } from '../../core/outcome.ts';
import { classifyTool } from '../../policy/classify-tool.ts';
import { decideCall } from '../../policy/decide-call.ts';
import { locksOfCall } from '../../policy/locks/locks-of-call.ts';
import { toolRuleOf } from '../../policy/policy-index.ts';
import type { ArgumentValidator } from './argument-validator.ts';
import { denialOf } from './denial-of.ts';
import type { Match } from './order/judged-call.ts';
import { toolSignature } from './tool-signature.ts';

/** With an `error` the call does not run. */
type Judgement = { match: Match; warning?: string } & ({ error?: undefined } | { error: CallError });

/**
 * What one call of a tool is, by its arguments: its class, whether policy lets it run, whether the arguments fit, what it locks. Of a
 * call that `isOpen` class and locks are the widest that it could have, and nothing is held against it that may yet turn out well:
 * neither errors that a hole may cause, nor a class that depends on one.
 */
export function judgeCall(
  entry: CatalogEntry,
  call: {
    arguments: JsonObject;
    isOpen: boolean;
    holes: readonly string[];
    validate: ArgumentValidator;
    /** Where a value comes from that the schema does not take. */
    explain?: NonNullable<Parameters<ArgumentValidator>[2]>['explain'];
  },
): Judgement {
  const { tool, policy, exposedName } = entry;
  const args = call.arguments;
  const classification = classifyTool(tool, policy, args);
  const decision = decideCall({ tool, policy, classification, route: 'batch' });
  const { class: toolClass, reason } = classification;
  const locks = locksOfCall({ policy, toolName: tool.name, class: toolClass, args, route: 'batch' });
  const match = { entry, class: toolClass, reason, locks };
  if (decision.decision === 'deny') {
    return { match, error: denialOf(decision, { entry, route: 'batch' }) };
  }
  const { reasons, warning } = call.validate(tool, args, { holes: call.holes, explain: call.explain });
  const judged = { match, ...(warning !== undefined && { warning: `${exposedName}: ${warning}` }) };
  if (reasons.length > 0) {
    const message = `${reasons.join('; ')}\narguments: ${toolSignature(tool.inputSchema)}`;
    return { ...judged, error: { code: 'invalid_arguments', message, retryable: false } };
  }
  if (decision.decision === 'allow') return judged;
  // A rule that asks has a place; without one it is the class that asks, and `when` may find another once the holes are filled.
  const mayChange =
    call.isOpen && decision.place === undefined && (toolRuleOf(policy, tool.name)?.when.length ?? 0) > 0;
  return mayChange
    ? { ...judged, match: { ...match, mayAsk: true } }
    : { ...judged, error: denialOf(decision, { entry, route: 'batch' }) };
}
