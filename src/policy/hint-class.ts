import { isJsonObject } from '../core/json.ts';
import type { Tool, ToolClass } from '../core/tool.ts';

/** The four annotations that say something about what a tool does; a title does not. */
export const hintNames = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const;

/** What a server says of its tool: the class, and the one hint that gives it. */
interface HintedClass {
  class: ToolClass;
  /** Such as `readOnlyHint: true`. */
  hint: string;
}

/**
 * The class that a tool's annotations give it, or `undefined` where they say nothing. `destructiveHint: true` wins over the
 * `readOnlyHint: true` that it contradicts; any other hint admits that the tool is not known to be a read. A hint that is
 * not a boolean is not believed.
 */
export function classFromHints(tool: Tool): HintedClass | undefined {
  const annotations: unknown = tool.annotations;
  if (!isJsonObject(annotations)) return undefined;
  if (annotations['destructiveHint'] === true) return { class: 'destructive', hint: 'destructiveHint: true' };
  if (annotations['readOnlyHint'] === true) return { class: 'read', hint: 'readOnlyHint: true' };
  const given = hintNames.find((name) => typeof annotations[name] === 'boolean');
  return given && { class: 'write', hint: `${given}: ${JSON.stringify(annotations[given])}` };
}
