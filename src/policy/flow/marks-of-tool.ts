import type { Policy } from '../../config/policy.ts';
import { flowMarks, type FlowMark } from '../../core/verdict.ts';
import { matchingRule } from '../policy-index.ts';

/** What policy marks a tool with, by its name at its server; several marks may hold. Hints count for nothing here. */
export function marksOfTool(policy: Policy, toolName: string): readonly FlowMark[] {
  return flowMarks.filter((list) => matchingRule(policy, { list, toolName }) !== undefined);
}
