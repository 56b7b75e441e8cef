import { fieldName, toolSignature } from '../../batch/plan/tool-signature.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';

const maxWholeChars = 220;
const maxChars = 320;
const maxFieldChars = 90;

/**
 * A tool's arguments on one line: `(owner: string, state?: "open" | "closed")`. Where there are many, those that a call must have keep
 * their types, and of the others the names alone are shown.
 */
export function compactSignature(inputSchema: JsonObject): string {
  const whole = toolSignature(inputSchema);
  const { properties, required } = inputSchema;
  if (whole.length <= maxWholeChars || !isJsonObject(properties)) return whole;
  const needed = new Set(Array.isArray(required) ? required : []);
  const names = Object.keys(properties);
  const shown = [
    ...names.filter((name) => needed.has(name)).map((name) => fieldOf(inputSchema, name)),
    ...names.filter((name) => !needed.has(name)).map((name) => `${fieldName(name)}?`),
  ];
  let line = '';
  for (const field of shown) {
    if (line.length + field.length > maxChars) return `(${line}, …)`;
    line += line === '' ? field : `, ${field}`;
  }
  return `(${line})`;
}

/** One field with its type, of which a long one is cut. */
function fieldOf(schema: JsonObject, name: string): string {
  const field = isJsonObject(schema['properties']) ? schema['properties'][name] : undefined;
  const one = toolSignature({ ...schema, properties: { [name]: field }, required: [name] }).slice(1, -1);
  return one.length <= maxFieldChars ? one : `${one.slice(0, maxFieldChars - 1)}…`;
}
