import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';

// A signature is one line in a reply; a schema of hundreds of fields is cut rather than shown whole.
const maxSignatureChars = 600;
const maxLevels = 3;
const maxEnumValues = 8;
// Types looked at: more than that many characters can show. Unions of unions would have millions.
const maxTypes = 300;

/** A tool's arguments as one line that a model can write a call from: `(path: string, head?: number, mode?: "fast" | "slow")`. */
export function toolSignature(inputSchema: JsonObject): string {
  const line = `(${renderFields({ schema: inputSchema, root: inputSchema, level: 0, room: { types: maxTypes } })})`;
  return line.length > maxSignatureChars ? `${line.slice(0, maxSignatureChars)}…)` : line;
}

interface Spot {
  schema: JsonValue | undefined;
  root: JsonObject;
  level: number;
  /** What is left to look at, of the whole signature. */
  room: { types: number };
}

function renderFields({ schema, root, level, room }: Spot): string {
  if (!isJsonObject(schema) || !isJsonObject(schema['properties'])) return '';
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const fields: string[] = [];
  for (const [name, field] of Object.entries(schema['properties'])) {
    fields.push(
      `${fieldName(name)}${required.has(name) ? '' : '?'}: ${renderType({ schema: field, root, level, room })}`,
    );
    if (room.types <= 0) break;
  }
  return fields.join(', ');
}

function renderType({ schema, root, level, room }: Spot): string {
  room.types -= 1;
  if (!isJsonObject(schema)) return 'any';
  if (level >= maxLevels || room.types < 0) return '…';
  const inner = (next: JsonValue | undefined): string => renderType({ schema: next, root, level: level + 1, room });
  if (typeof schema['$ref'] === 'string') return inner(followLocal(schema['$ref'], root));
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum'])) {
    const shown = schema['enum'].slice(0, maxEnumValues).map((value) => JSON.stringify(value));
    return [...shown, ...(schema['enum'].length > maxEnumValues ? ['…'] : [])].join(' | ');
  }
  const union = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(union)) return [...new Set(union.slice(0, Math.max(1, room.types)).map(inner))].join(' | ');
  const types = [schema['type']].flat();
  return types
    .slice(0, maxEnumValues)
    .map((type) => renderPlainType({ type, schema, root, level, room }))
    .join(' | ');
}

function renderPlainType({ type, schema, root, level, room }: Spot & { type: JsonValue | undefined }): string {
  if (type === 'integer') return 'number';
  if (type === 'array') {
    const items = isJsonObject(schema) ? schema['items'] : undefined;
    const element = renderType({ schema: items, root, level: level + 1, room });
    return element.includes(' ') && !element.startsWith('{') ? `(${element})[]` : `${element}[]`;
  }
  if (type === 'object') {
    const fields = renderFields({ schema, root, level: level + 1, room });
    return fields === '' ? 'object' : `{ ${fields} }`;
  }
  return typeof type === 'string' && /^\w{1,40}$/.test(type) ? type : 'any';
}

/** A field as a signature names it. What is no plain name is quoted, so that none ends the signature and goes on in our words. */
export function fieldName(name: string): string {
  return /^[\p{L}\p{N}_$@.:-]+$/u.test(name) ? name : JSON.stringify(name);
}

/** Follows `#/$defs/name`; anything else is unknown here. */
function followLocal(ref: string, root: JsonObject): JsonValue | undefined {
  if (!ref.startsWith('#/')) return undefined;
  let found: JsonValue | undefined = root;
  for (const part of ref.slice(2).split('/')) {
    found = isJsonObject(found) && Object.hasOwn(found, part) ? found[part] : undefined;
  }
  return found;
}
