import type { LockedTool } from '../../config/lock/lock-file.ts';
import type { Tool } from '../../core/tool.ts';
import { describeTool } from './describe-tool.ts';

/** The parts of a tool that the lock file tells apart. */
export const toolParts = ['description', 'schema', 'annotations', 'rest'] as const;
export type ToolPart = (typeof toolParts)[number];

/** Which parts of a tool are not as they were accepted; none where it is the tool that was. */
export function compareTool(locked: LockedTool, tool: Tool): ToolPart[] {
  const now = describeTool(tool);
  return toolParts.filter((part) => locked[part] !== now[part]);
}

/** A part as people read it. */
export function nameOfPart(part: string): string {
  return part === ('rest' satisfies ToolPart) ? 'other fields' : part;
}

/** Parts in words: `its description and its other fields`. */
export function namesOfParts(parts: readonly string[]): string {
  const named = parts.map((part) => `its ${nameOfPart(part)}`);
  return named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
}
