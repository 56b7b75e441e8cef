import type { Policy, Rule, ToolRule, WhenRule } from '../config/policy.ts';
import type { JsonObject } from '../core/json.ts';
import type { Place } from '../core/place.ts';
import { worseClass } from '../core/tool.ts';
import type { Tool, ToolClass } from '../core/tool.ts';
import type { Classification } from '../core/verdict.ts';
import { caseHolds } from './argument.ts';
import { classFromHints } from './hint-class.ts';
import { matchingClassRule, toolRuleOf } from './policy-index.ts';

export type { Policy } from '../config/policy.ts';

/**
 * What a tool is, or one call of it where `args` are given, and why. Decided by, in this order: the exact entry under `tools`
 * (its `when` first), the three lists of patterns, the server's hints as far as the policy believes them, `unannotated`.
 *
 * Of several cases of `when` that hold, the most dangerous one wins, so their order never matters. Without `args`, and where a
 * reference of a batch is still to fill an argument that a case looks at, it is the worst class that the call could become.
 */
export function classifyTool(tool: Tool, policy: Policy, args?: JsonObject): Classification {
  const entry = toolRuleOf(policy, tool.name);
  if (!entry || entry.when.length === 0) return classifyByName(tool, policy, entry);
  let worst: Classification | undefined;
  let isCertain = false;
  for (const rule of entry.when) {
    const holds = args === undefined ? 'maybe' : caseHolds(rule, args);
    if (holds === 'no') continue;
    if (holds === 'yes') isCertain = true;
    worst = worseOf(worst, byRule({ text: renderCase(entry, rule), place: rule.place, class: rule.class }));
  }
  return worst && isCertain ? worst : worseOf(worst, classifyByName(tool, policy, entry));
}

/** Every class that a call of the tool may have, by its arguments. */
export function classesOfTool(tool: Tool, policy: Policy): ReadonlySet<ToolClass> {
  const entry = toolRuleOf(policy, tool.name);
  const ofCases = (entry?.when ?? []).map((rule) => rule.class);
  return new Set([...ofCases, classifyByName(tool, policy, entry).class]);
}

/** A rule of a list as reasons and explanations name it: `destructive "delete_*"`. */
export function renderRule(rule: Rule): string {
  return `${rule.list} ${JSON.stringify(rule.pattern)}`;
}

/** A case of `when` as reasons and explanations name it: `tools.label_write when method is "create" or "update"`. */
export function renderCase(entry: ToolRule, rule: WhenRule): string {
  const conditions = Object.entries(rule.args).map(
    ([name, values]) => `${name} is ${values.map((value) => JSON.stringify(value)).join(' or ')}`,
  );
  return `tools.${entry.tool} when ${conditions.join(' and ')}`;
}

/** A rule as the reason of a verdict: `rule destructive "delete_*" (policies/github.yaml:12)`. */
export function reasonOfRule(text: string, place: Place): string {
  return `rule ${text} (${place.file}:${place.line})`;
}

function classifyByName(tool: Tool, policy: Policy, entry: ToolRule | undefined): Classification {
  if (entry?.class) return byRule({ text: `tools.${entry.tool}`, place: entry.place, class: entry.class });
  const rule = matchingClassRule(policy, tool.name);
  if (rule) return byRule({ text: renderRule(rule), place: rule.place, class: rule.list });
  return classifyByHints(tool, policy);
}

function classifyByHints(tool: Tool, policy: Policy): Classification {
  const hinted = classFromHints(tool);
  const fallback = { class: policy.unannotated, source: 'default' } as const;
  if (!hinted) return { ...fallback, reason: 'no rule matches and the server gives no hint' };
  const isBelieved =
    policy.annotations === 'trust' ||
    (policy.annotations === 'tighten' && worseClass(hinted.class, policy.unannotated) === hinted.class);
  if (isBelieved) return { class: hinted.class, source: 'hint', reason: `the server's hint ${hinted.hint}` };
  return {
    ...fallback,
    reason: `no rule matches and the server's hint ${hinted.hint} does not count under annotations: ${policy.annotations}`,
  };
}

function byRule(rule: { text: string; place: Place; class: Classification['class'] }): Classification {
  return { class: rule.class, source: 'rule', reason: reasonOfRule(rule.text, rule.place), place: rule.place };
}

/** The more dangerous one; of two equals the first, which is the more exact rule. */
function worseOf(a: Classification | undefined, b: Classification): Classification {
  return a && worseClass(a.class, b.class) === a.class ? a : b;
}
