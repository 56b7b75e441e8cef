import { isJsonObject } from '../core/json.ts';
import type { JsonObject } from '../core/json.ts';
import type { Annotations, Tool } from '../core/tool.ts';
import type { Classification } from '../core/verdict.ts';
import { hintNames } from './hint-class.ts';

/**
 * The annotations under which clients see a tool. Where a rule of the policy classes it, they carry the matching
 * `readOnlyHint` and `destructiveHint`, so that clients that overlap or approve by hints do so rightly; otherwise they are the
 * upstream's own, tightened where they are laxer than the class. `classification` is the worst class of the tool.
 * Title, the other two hints and unknown fields are kept; a hint that is not a boolean is dropped, as clients reject the whole list for one.
 * `undefined`: no annotations at all.
 */
export function repairAnnotations(tool: Tool, classification: Classification): Annotations | undefined {
  const given: unknown = tool.annotations;
  const own = isJsonObject(given) ? withoutBrokenHints(given) : undefined;
  if (classification.source === 'rule') return { ...own, ...hintsOfClass(classification) };
  if (classification.class === 'read') return own;
  if (classification.class === 'write') return own?.['readOnlyHint'] === true ? { ...own, readOnlyHint: false } : own;
  return { ...own, ...hintsOfClass(classification) };
}

function hintsOfClass(classification: Classification): Annotations {
  return { readOnlyHint: classification.class === 'read', destructiveHint: classification.class === 'destructive' };
}

function withoutBrokenHints(annotations: JsonObject): JsonObject {
  const isBroken = (name: string): boolean =>
    hintNames.some((hint) => hint === name) && typeof annotations[name] !== 'boolean';
  const names = Object.keys(annotations);
  if (!names.some(isBroken)) return annotations;
  return Object.fromEntries(names.filter((name) => !isBroken(name)).map((name) => [name, annotations[name]]));
}
