import type { Policy, Rule, ToolRule } from '../config/policy.ts';
import type { JsonObject } from '../core/json.ts';
import { renderPlace } from '../core/place.ts';
import type { Place } from '../core/place.ts';
import { toolClasses } from '../core/tool.ts';
import type { Tool } from '../core/tool.ts';
import { flowMarks } from '../core/verdict.ts';
import type { Classification, Decision } from '../core/verdict.ts';
import { caseHolds } from './argument.ts';
import { classifyTool, renderCase, renderRule } from './classify-tool.ts';
import { decideCall, decidingLists } from './decide-call.ts';
import { classFromHints } from './hint-class.ts';
import { matchGlob } from './match-glob.ts';
import { toolRuleOf } from './policy-index.ts';

/** One thing that was considered for a tool. */
interface ExplainedStep {
  /** Whether it speaks about what the tool is, about what may be done with it, or about what the flow rule is told of it. */
  about: 'class' | 'decision' | 'flow';
  /** Where the rule stands; hints and defaults stand nowhere. */
  place?: Place;
  /** Such as `destructive "delete_*"`. */
  text: string;
  matched: boolean;
  /** True for what gave the class, or the decision. */
  decided: boolean;
}

/** A tool's class and decisions with everything that was considered on the way, in the order of consideration. */
export interface ToolExplanation {
  classification: Classification;
  decisions: { batch: Decision; passthrough: Decision };
  steps: readonly ExplainedStep[];
}

/**
 * Explains what policy makes of a tool, or of one call of it where `args` are given, by a caller who may make all calls and has read
 * nothing.
 */
export function explainTool(
  tool: Tool,
  policy: Policy,
  { args, quarantine }: { args?: JsonObject | undefined; quarantine?: string | undefined } = {},
): ToolExplanation {
  const classification = classifyTool(tool, policy, args);
  const batch = decideCall({ tool, policy, classification, route: 'batch', quarantine });
  const passthrough = decideCall({ tool, policy, classification, route: 'passthrough', quarantine });
  const isFree = quarantine === undefined;
  const unruled = classification.class === 'destructive' ? policy.unruled : neverAsked;
  const steps = [
    ...stepsOfEntry(toolRuleOf(policy, tool.name), { classification, args }),
    ...stepsOfLists(tool, policy, { lists: toolClasses.toReversed(), place: classification.place }),
    stepOfHints(tool, policy, classification),
    {
      about: 'class' as const,
      text: `unannotated: ${policy.unannotated}`,
      matched: classification.source === 'default',
      decided: classification.source === 'default',
    },
    ...(isFree ? [] : [{ about: 'decision' as const, text: `lock file: ${quarantine}`, matched: true, decided: true }]),
    ...stepsOfLists(tool, policy, { lists: decidingLists, place: batch.place }),
    {
      about: 'decision' as const,
      text: `default for ${classification.class}: ${unruled.batch} in a batch, ${unruled.passthrough} as a single call`,
      matched: isFree && batch.place === undefined,
      decided: isFree && batch.place === undefined,
    },
    ...stepsOfLists(tool, policy, { lists: flowMarks, place: undefined }),
  ];
  return { classification, decisions: { batch, passthrough }, steps };
}

/** What no rule decides, of a call that is less than destructive. */
const neverAsked = { batch: 'allow', passthrough: 'allow' } as const;

/** A step as one line: `policies/github.yaml:12:18 destructive "delete_*" matches -> decides`. */
export function renderStep(step: ExplainedStep): string {
  const where = step.place ? `${renderPlace(step.place)} ` : '';
  return `${where}${step.text} ${step.matched ? 'matches' : 'does not match'}${step.decided ? ' -> decides' : ''}`;
}

function stepsOfEntry(
  entry: ToolRule | undefined,
  { classification, args }: { classification: Classification; args: JsonObject | undefined },
): ExplainedStep[] {
  if (!entry) return [];
  const cases = entry.when.map((rule) => ({
    about: 'class' as const,
    place: rule.place,
    text: `${renderCase(entry, rule)}: ${rule.class}`,
    matched: args === undefined || caseHolds(rule, args) !== 'no',
    decided: classification.place === rule.place,
  }));
  if (!entry.class) return cases;
  const own = {
    about: 'class' as const,
    place: entry.place,
    text: `tools.${entry.tool}: ${entry.class}`,
    matched: true,
  };
  return [...cases, { ...own, decided: classification.place === entry.place }];
}

function stepsOfLists(
  tool: Tool,
  policy: Policy,
  { lists, place }: { lists: readonly Rule['list'][]; place: Place | undefined },
): ExplainedStep[] {
  return lists.flatMap((list) =>
    policy.rules
      .filter((rule) => rule.list === list)
      .map((rule) => ({
        about: aboutOf(list),
        place: rule.place,
        text: renderRule(rule),
        matched: matchGlob(rule.pattern, tool.name),
        decided: place !== undefined && rule.place === place,
      })),
  );
}

function aboutOf(list: Rule['list']): ExplainedStep['about'] {
  if (toolClasses.some((name) => name === list)) return 'class';
  return flowMarks.some((name) => name === list) ? 'flow' : 'decision';
}

function stepOfHints(tool: Tool, policy: Policy, classification: Classification): ExplainedStep {
  const hinted = classFromHints(tool);
  const text = hinted ? `the server's hint ${hinted.hint}: ${hinted.class}` : "the server's hints: none";
  return {
    about: 'class',
    text: `${text} (annotations: ${policy.annotations})`,
    matched: hinted !== undefined && policy.annotations !== 'ignore',
    decided: classification.source === 'hint',
  };
}
