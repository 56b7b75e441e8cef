import type { Policy, Rule, ToolRule } from '../config/policy.ts';
import { toolClasses } from '../core/tool.ts';
import type { ToolClass } from '../core/tool.ts';
import { isGlob, matchGlob } from './match-glob.ts';

interface ListIndex {
  exact: Map<string, Rule>;
  globs: Rule[];
}

interface PolicyIndex {
  lists: Map<Rule['list'], ListIndex>;
  tools: Map<string, ToolRule>;
}

// A policy is immutable: a changed file is a new object, and the index of the old one goes with it.
const indices = new WeakMap<Policy, PolicyIndex>();

/** The first rule of one list that matches the tool's name. */
export function matchingRule(policy: Policy, query: { list: Rule['list']; toolName: string }): Rule | undefined {
  const list = indexOf(policy).lists.get(query.list);
  return (
    list?.exact.get(query.toolName) ?? list?.globs.find((candidate) => matchGlob(candidate.pattern, query.toolName))
  );
}

/** The rule of the three class lists that holds for the tool: if several match, the one of the most dangerous list. */
export function matchingClassRule(policy: Policy, toolName: string): (Rule & { list: ToolClass }) | undefined {
  for (const list of toolClasses.toReversed()) {
    const found = matchingRule(policy, { list, toolName });
    if (found) return { ...found, list };
  }
  return undefined;
}

/** The entry under `tools` with exactly this name. */
export function toolRuleOf(policy: Policy, toolName: string): ToolRule | undefined {
  return indexOf(policy).tools.get(toolName);
}

function indexOf(policy: Policy): PolicyIndex {
  const known = indices.get(policy);
  if (known) return known;
  const index: PolicyIndex = { lists: new Map(), tools: new Map(policy.tools.map((entry) => [entry.tool, entry])) };
  for (const rule of policy.rules) {
    const list = index.lists.get(rule.list) ?? { exact: new Map<string, Rule>(), globs: [] };
    index.lists.set(rule.list, list);
    if (isGlob(rule.pattern)) list.globs.push(rule);
    else if (!list.exact.has(rule.pattern)) list.exact.set(rule.pattern, rule);
  }
  indices.set(policy, index);
  return index;
}
