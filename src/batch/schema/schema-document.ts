import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { quote } from '../input/field-problems.ts';
import { partsOfSchema } from './parts-of-schema.ts';
import type { SchemaParts } from './parts-of-schema.ts';

/** A schema and the schemas inside it that references mean. Nothing outside of it is ever looked for. */
export interface SchemaDocument {
  root: JsonObject;
  partsOf(schema: JsonObject): SchemaParts;
  /** `spend` is asked for the steps of a look through the whole document, which the first reference needs. */
  resolve(reference: JsonValue | undefined, spend: (steps: number) => boolean): Resolved;
}

type Resolved = { ok: true; schema: JsonValue } | { ok: false; reason: string };

export function createSchemaDocument(root: JsonObject): SchemaDocument {
  const known = new Map<string, Resolved>();
  const parts = new Map<JsonObject, SchemaParts>();
  let names: Names | undefined;
  return {
    root,
    partsOf(schema) {
      const found = parts.get(schema) ?? partsOfSchema(schema);
      parts.set(schema, found);
      return found;
    },
    resolve(reference, spend) {
      const text = typeof reference === 'string' ? reference : '';
      const found = known.get(text);
      if (found !== undefined) return found;
      names ??= findNames(root, spend);
      const resolved = resolveIn(root, text, names);
      // There is one entry for each reference written in the document, so their number has the document's bound.
      known.set(text, resolved);
      return resolved;
    },
  };
}

interface Names {
  anchors: ReadonlyMap<string, JsonValue>;
  /** Why references cannot be followed. */
  problem?: string;
}

function resolveIn(root: JsonObject, reference: string, { anchors, problem }: Names): Resolved {
  if (problem !== undefined) return { ok: false, reason: problem };
  const own = typeof root['$id'] === 'string' ? root['$id'].replace(/#$/, '') : '';
  const local = own !== '' && reference.startsWith(own) ? reference.slice(own.length) : reference;
  const schema =
    local === '' || local === '#'
      ? root
      : local.startsWith('#/')
        ? schemaAt(root, local.slice(2))
        : anchors.get(local.slice(1));
  if (schema !== undefined && (local.startsWith('#') || (local === '' && reference !== '')))
    return { ok: true, schema };
  const why = local.startsWith('#') ? 'means nothing in it' : 'is another document, and none is fetched';
  return { ok: false, reason: `the reference ${quote(reference)} ${why}` };
}

function schemaAt(root: JsonObject, pointer: string): JsonValue | undefined {
  let found: JsonValue | undefined = root;
  for (const token of pointer.split('/')) {
    const key = decode(token).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found)) found = found[Number(key)];
    else if (isJsonObject(found) && Object.hasOwn(found, key)) found = found[key];
    else return undefined;
  }
  return found;
}

/** In a reference, a pointer is part of an address, and so percent-encoded. */
function decode(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

/** Below these stand values, and not schemas. */
export const ofValues = new Set(['enum', 'const', 'default', 'examples']);

function findNames(root: JsonObject, spend: (steps: number) => boolean): Names {
  const anchors = new Map<string, JsonValue>();
  let waiting: object[] = [root];
  while (waiting.length > 0) {
    const next: object[] = [];
    for (const part of waiting) {
      if (isJsonObject(part)) {
        const { $id, $anchor, $dynamicAnchor } = part;
        if (typeof $id === 'string' && !$id.startsWith('#') && part !== root) {
          return { anchors, problem: `it holds another document, ${quote($id)}` };
        }
        const old = typeof $id === 'string' && $id.startsWith('#') ? $id.slice(1) : undefined;
        for (const name of [$anchor, $dynamicAnchor, old]) if (typeof name === 'string') anchors.set(name, part);
      }
      const fields = Object.entries(part);
      if (!spend(1 + fields.length)) return { anchors, problem: 'it is too large for references to be followed' };
      for (const [key, child] of fields) {
        if (typeof child === 'object' && child !== null && !ofValues.has(key)) next.push(child);
      }
    }
    waiting = next;
  }
  return { anchors };
}
