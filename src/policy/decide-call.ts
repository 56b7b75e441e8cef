import type { Policy, Rule } from '../config/policy.ts';
import type { Tool } from '../core/tool.ts';
import type { CallRoute, Classification, Decision } from '../core/verdict.ts';
import { reasonOfRule, renderRule } from './classify-tool.ts';
import { matchingRule } from './policy-index.ts';

/** The lists that decide, in the order in which they win. */
export const decidingLists = ['deny', 'ask', 'allow'] as const satisfies readonly Rule['list'][];

/** A classified call and the way it reached us. */
interface DecisionRequest {
  tool: Tool;
  policy: Policy;
  classification: Classification;
  route: CallRoute;
}

/**
 * What may be done with a call, and why. `deny` beats `ask` beats `allow`, whatever their order or how exact they are; an
 * explicit `allow` waives the question for a destructive call. With no rule, reads and writes are allowed, and a destructive
 * call is asked about inside a batch; as a call of its own it is allowed, since its client asks its own user about it.
 */
export function decideCall({ tool, policy, classification, route }: DecisionRequest): Decision {
  for (const list of decidingLists) {
    const rule = matchingRule(policy, { list, toolName: tool.name });
    if (rule) return { decision: list, reason: reasonOfRule(renderRule(rule), rule.place), place: rule.place };
  }
  if (classification.class !== 'destructive') {
    return { decision: 'allow', reason: `no rule forbids it, and a ${classification.class} needs no approval` };
  }
  const why = `it is destructive: ${classification.reason}`;
  return route === 'batch'
    ? { decision: 'ask', reason: why }
    : { decision: 'allow', reason: `${why}; the client asks its own user about a single call` };
}
