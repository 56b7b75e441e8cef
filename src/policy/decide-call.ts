import type { Policy, Rule } from '../config/policy.ts';
import { toolClasses, type Tool, type ToolClass } from '../core/tool.ts';
import type { Caller, CallRoute, Classification, Decision } from '../core/verdict.ts';
import { reasonOfRule, renderRule } from './classify-tool.ts';
import { judgeFlow } from './flow/judge-flow.ts';
import { marksOfTool } from './flow/marks-of-tool.ts';
import { matchingRule } from './policy-index.ts';

/** The lists that decide, in the order in which they win. */
export const decidingLists = ['deny', 'ask', 'allow'] as const satisfies readonly Rule['list'][];

/** A classified call, the way it reached us, and on whose behalf it is made. */
interface DecisionRequest {
  tool: Tool;
  policy: Policy;
  classification: Classification;
  route: CallRoute;
  /** Under which clients see the tool. Absent: its own name. */
  exposedName?: string | undefined;
  /** Why it may not be called, whatever policy says: it is not what the lock file says. */
  quarantine?: string | undefined;
  /** Absent: somebody who may call everything, and has read nothing. */
  caller?: Caller | undefined;
}

/**
 * What may be done with a call, and why; the same for every way on which one can come. In this order: what is quarantined is denied;
 * `deny` beats `ask` beats `allow`, whatever the order of the rules or how exact they are; a class that the caller's scopes do not hold
 * is denied; the flow rule asks, or denies. An explicit `allow` waives the question for a destructive call, never that of the flow rule.
 * With no rule, reads and writes are allowed, and a destructive call is what `policy.unruled` says.
 */
export function decideCall(request: DecisionRequest): Decision {
  const { tool, policy, classification, route, exposedName = tool.name, quarantine, caller } = request;
  if (quarantine !== undefined) return { decision: 'deny', code: 'tool_changed', reason: quarantine };
  const denied = decideByRule('deny', request);
  if (denied !== undefined) return denied;
  if (caller?.scopes?.has(classification.class) === false) {
    return { decision: 'deny', reason: outOfScope(caller.scopes, classification) };
  }
  const flow = caller?.flow && judgeFlow(caller.flow, { exposedName, marks: marksOfTool(policy, tool.name) });
  if (flow?.action === 'deny') return { decision: 'deny', reason: flow.reason, isFlow: true };
  const asked = decideByRule('ask', request);
  if (flow !== undefined) {
    // Whatever asks beside it: a yes that is remembered for the tool was not given to what may go out through it now.
    const reason = asked === undefined ? flow.reason : `${flow.reason}; and ${asked.reason}`;
    return { ...asked, decision: 'ask', reason, isFlow: true };
  }
  if (asked !== undefined) return asked;
  const allowed = decideByRule('allow', request);
  if (allowed !== undefined) return allowed;
  if (classification.class !== 'destructive') {
    return { decision: 'allow', reason: `no rule forbids it, and a ${classification.class} needs no approval` };
  }
  return decideUnruled(policy.unruled[route], { classification, route });
}

function decideByRule(list: (typeof decidingLists)[number], { tool, policy }: DecisionRequest): Decision | undefined {
  const rule = matchingRule(policy, { list, toolName: tool.name });
  return rule && { decision: list, reason: reasonOfRule(renderRule(rule), rule.place), place: rule.place };
}

function decideUnruled(
  decision: Decision['decision'],
  { classification, route }: Pick<DecisionRequest, 'classification' | 'route'>,
): Decision {
  const why = `it is destructive: ${classification.reason}`;
  if (decision === 'deny') return { decision, reason: `${why}; approvals.${route} denies what no rule decides` };
  if (decision === 'ask') return { decision, reason: why };
  const waiver =
    route === 'passthrough'
      ? 'the client asks its own user about a single call'
      : `approvals.${route} allows what no rule decides`;
  return { decision, reason: `${why}; ${waiver}` };
}

function outOfScope(scopes: ReadonlySet<ToolClass>, { class: toolClass, reason }: Classification): string {
  const held = toolClasses.filter((scope) => scopes.has(scope));
  const token = held.length === 0 ? 'without scopes' : `(scopes ${held.join(', ')})`;
  return `the token ${token} does not allow ${toolClass} calls, and it is ${toolClass}: ${reason}; it takes one with the scope ${toolClass}`;
}
