import { isJsonObject } from '../core/json.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { Tool } from '../core/tool.ts';

/** A tool that can be served, and what had to be mended or ignored. `tool` is absent where there is nothing to call. */
interface AcceptedTool {
  tool?: Tool;
  /** Each one a sentence without its subject, such as `has no input schema; treated as any object`. */
  flaws: readonly string[];
}

/**
 * Takes a tool as its upstream lists it, which may be anything. Clients reject a whole list for one malformed tool, so fields that
 * the protocol defines and the upstream broke are mended or left out here; a sound tool is returned as the same object.
 */
export function acceptTool(listed: unknown): AcceptedTool {
  if (isSound(listed)) return { tool: listed, flaws: [] };
  if (!isJsonObject(listed)) return { flaws: ['is not an object; left out'] };
  if (!isName(listed['name'])) return { flaws: ['has no name; left out'] };
  const broken = optionalFields.filter(({ field, isValid }) => !isValid(listed[field]));
  const kept = Object.entries(listed).filter(([name]) => !broken.some(({ field }) => field === name));
  const { inputSchema, flaw } = mendInputSchema(listed['inputSchema']);
  return {
    tool: { ...Object.fromEntries(kept), name: listed['name'], inputSchema },
    flaws: [...(flaw ?? []), ...broken.map(({ field, wanted }) => `has a ${field} that is not ${wanted}; ignored`)],
  };
}

function isSound(listed: unknown): listed is Tool {
  return (
    isJsonObject(listed) &&
    isName(listed['name']) &&
    mendInputSchema(listed['inputSchema']).flaw === undefined &&
    optionalFields.every(({ field, isValid }) => isValid(listed[field]))
  );
}

function isName(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

interface OptionalField {
  field: string;
  isValid: (value: JsonValue | undefined) => boolean;
  wanted: string;
}
const isTextOrAbsent: OptionalField['isValid'] = (value) => value === undefined || typeof value === 'string';
const isObjectOrAbsent: OptionalField['isValid'] = (value) => value === undefined || isJsonObject(value);
const optionalFields: readonly OptionalField[] = [
  { field: 'title', isValid: isTextOrAbsent, wanted: 'a string' },
  { field: 'description', isValid: isTextOrAbsent, wanted: 'a string' },
  { field: 'outputSchema', isValid: isObjectOrAbsent, wanted: 'an object' },
  { field: 'annotations', isValid: isObjectOrAbsent, wanted: 'an object' },
  { field: '_meta', isValid: isObjectOrAbsent, wanted: 'an object' },
];

function mendInputSchema(schema: JsonValue | undefined): { inputSchema: JsonObject; flaw?: [string] } {
  const anyObject = { type: 'object' };
  if (!isJsonObject(schema)) return { inputSchema: anyObject, flaw: ['has no input schema; treated as any object'] };
  if (schema['type'] === 'object') return { inputSchema: schema };
  if (schema['type'] === undefined) {
    const flaw = 'has an input schema without a type; treated as an object';
    return { inputSchema: { ...schema, ...anyObject }, flaw: [flaw] };
  }
  return { inputSchema: anyObject, flaw: ['has an input schema that is not an object; treated as any object'] };
}
