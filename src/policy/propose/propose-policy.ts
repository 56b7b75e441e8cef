import type { Policy } from '../../config/policy.ts';
import { toolClasses } from '../../core/tool.ts';
import type { Tool, ToolClass } from '../../core/tool.ts';
import { classifyTool } from '../classify-tool.ts';
import { proposeClass } from './propose-class.ts';

/** One tool of a proposal. */
export interface ProposedTool {
  tool: string;
  class: ToolClass;
  doubts: readonly string[];
  remarks: readonly string[];
}

/** What is proposed for one server, in a stable order: by class, and by name in each. */
export interface ProposedPolicy {
  /** Tools that a rule of the policy that is begun with speaks of already. */
  ruled: readonly ProposedTool[];
  /** Tools that need a line. */
  lines: readonly ProposedTool[];
}

/**
 * Proposes a class for each tool that no rule of `begun` speaks of: hints written down as rules by exact names, so that a hint that
 * changes later changes nothing. Of two tools of one name the first counts.
 */
export function proposePolicy(tools: readonly Tool[], begun?: Policy): ProposedPolicy {
  const ruled: ProposedTool[] = [];
  const lines: ProposedTool[] = [];
  for (const tool of new Map(tools.toReversed().map((one) => [one.name, one])).values()) {
    const known = begun === undefined ? undefined : classifyTool(tool, begun);
    if (known?.source === 'rule') ruled.push({ tool: tool.name, class: known.class, doubts: [], remarks: [] });
    else lines.push({ tool: tool.name, ...proposeClass(tool) });
  }
  return { ruled: ruled.sort(byClassAndName), lines: lines.sort(byClassAndName) };
}

/** Whether a name can stand in a list of patterns and mean that name alone. */
export function isPlainPattern(name: string): boolean {
  return name !== '' && !/[*?]/.test(name) && !name.startsWith('!');
}

/** How many tools of each class. */
export function countClasses(tools: readonly Pick<ProposedTool, 'class'>[]): Record<ToolClass, number> {
  const counts: Record<ToolClass, number> = { read: 0, write: 0, destructive: 0 };
  for (const tool of tools) counts[tool.class] += 1;
  return counts;
}

function byClassAndName(a: ProposedTool, b: ProposedTool): number {
  const byClass = toolClasses.indexOf(a.class) - toolClasses.indexOf(b.class);
  // By code units: the same on every machine, whatever its language.
  return byClass || (a.tool < b.tool ? -1 : a.tool > b.tool ? 1 : 0);
}
