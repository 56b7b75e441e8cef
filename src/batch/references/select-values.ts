import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { quote } from '../input/field-problems.ts';
import { parsePointer } from './json-pointer.ts';
import type { Selection } from './reference.ts';
import { viewResult } from './view-result.ts';

const maxNames = 32;
const maxNameChars = 64;

/** Reads `select`: names, each with the JSON Pointer of what it is to hold. Each problem is one line without the name of the field. */
export function parseSelect(
  value: unknown,
): { ok: true; select: readonly Selection[] } | { ok: false; problems: readonly string[] } {
  if (!isJsonObject(value)) return { ok: false, problems: [`found ${quote(value)}; write { "name": "/pointer" }`] };
  const entries = Object.entries(value).filter(([, text]) => text !== undefined);
  if (entries.length === 0) return { ok: false, problems: ['it names nothing; leave it out for the whole result'] };
  if (entries.length > maxNames) {
    return { ok: false, problems: [`${entries.length} names, and the most is ${maxNames}; select what holds them`] };
  }
  const select: Selection[] = [];
  const problems: string[] = [];
  for (const [name, text] of entries) {
    const parsed = parsePointer(text);
    if (name === '' || name.length > maxNameChars) {
      problems.push(`${quote(name)} is not a name; write 1 to ${maxNameChars} characters`);
    } else if (parsed.ok) select.push({ name, pointer: parsed.pointer });
    else problems.push(`${quote(name)}: ${parsed.reason}`);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, select };
}

/**
 * What the pointers find in a `CallToolResult`, read as a reference without a view reads it. What is not there is null, and a line of
 * `missing` says of it why.
 */
export function selectValues(
  result: JsonObject,
  select: readonly Selection[],
): { selected: JsonObject; missing: readonly string[] } {
  const missing: string[] = [];
  const selected = select.map(({ name, pointer }): [string, JsonValue] => {
    const found = viewResult(result, undefined, { pointer });
    if (found.ok) return [name, found.value];
    missing.push(`${name}: the result has ${found.reason}`);
    return [name, null];
  });
  // From entries, since assigning to a name such as `__proto__` would do something else.
  return { selected: Object.fromEntries(selected), missing };
}
