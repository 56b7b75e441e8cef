import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { usageFailure } from '../failure.ts';
import { parseJson } from './parse-json.ts';
import { readGiven } from './read-given.ts';

/** What a tool's arguments are given as. */
export interface GivenArguments {
  /** `key=value`, `key:=json`, `key=@file`, as typed. */
  pairs: readonly string[];
  /** What `--args` holds: JSON, `@file`, or `-` for stdin. */
  args: string | undefined;
  cwd: string;
  readStdin(): Promise<string>;
}

/**
 * Arguments of a tool from what was typed. A value is JSON where the tool's schema wants a number, boolean, list or object for that
 * key, or where it is written `key:=json`; else it is text. Throws a usage failure that names the pair.
 */
export async function parseArguments(given: GivenArguments, inputSchema: JsonObject = {}): Promise<JsonObject> {
  const found = new Map(Object.entries(given.args === undefined ? {} : await parseWhole(given.args, given)));
  for (const pair of given.pairs) {
    const match = /^([^=]*?)(:?)=([\s\S]*)$/.exec(pair);
    const [, key = '', mark, written = ''] = match ?? [];
    if (key === '') {
      throw usageFailure(`"${pair}" is not an argument`, 'write key=value, key:=json, key=@file, or --args JSON');
    }
    if (found.has(key)) throw usageFailure(`the argument "${key}" is given twice`, 'give it once');
    const text = written.startsWith('@') && mark === '' ? await readGiven(written.slice(1), given.cwd) : written;
    const types = mark === ':' ? ['json'] : jsonTypesOf(inputSchema, key);
    found.set(key, types === undefined ? text : parseValue(text, { key, types }));
  }
  // Own properties all, whatever their names are: `__proto__` is an argument like another.
  return Object.fromEntries(found);
}

async function parseWhole(written: string, given: GivenArguments): Promise<JsonObject> {
  const fromStdin = written === '-';
  const text = fromStdin
    ? await given.readStdin()
    : written.startsWith('@')
      ? await readGiven(written.slice(1), given.cwd)
      : written;
  const fix = `write --args '{"key": "value"}', --args @FILE or --args -`;
  const parsed = parseJson(text);
  if ('reason' in parsed) throw usageFailure(`--args is not JSON: ${parsed.reason}`, fix);
  if (!isJsonObject(parsed.value)) throw usageFailure('--args is JSON, but not an object', fix);
  return parsed.value;
}

/** The types that the schema wants for a key, where text is not among them. */
function jsonTypesOf(inputSchema: JsonObject, key: string): string[] | undefined {
  const { properties } = inputSchema;
  const schema = isJsonObject(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
  const types = typesOf(schema);
  return types.length === 0 || types.includes('string') ? undefined : types;
}

function typesOf(schema: JsonValue | undefined): string[] {
  if (!isJsonObject(schema)) return [];
  const union = [schema['anyOf'], schema['oneOf']].flatMap((branches) => (Array.isArray(branches) ? branches : []));
  const own = [schema['type']].flat().filter((type) => typeof type === 'string');
  return [...own, ...union.flatMap(typesOf)];
}

function parseValue(text: string, { key, types }: { key: string; types: readonly string[] }): JsonValue {
  const parsed = parseJson(text);
  if ('value' in parsed && (types.includes('json') || types.some((type) => isOfType(parsed.value, type)))) {
    return parsed.value;
  }
  if (types.includes('json'))
    throw usageFailure(`"${key}" is not JSON`, `write ${key}:='["a", 1, true]', or ${key}=text`);
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  const wanted = types.map((type) => wording[type]?.noun ?? type).join(' or ');
  const example = wording[types[0] ?? '']?.example ?? 'null';
  throw usageFailure(`"${key}" takes ${wanted}, and "${shown}" is none`, `write ${key}=${example}`);
}

const wording: Record<string, { noun: string; example: string }> = {
  number: { noun: 'a number', example: '2.5' },
  integer: { noun: 'a whole number', example: '3' },
  boolean: { noun: 'true or false', example: 'true' },
  array: { noun: 'a list', example: `'["a", "b"]'` },
  object: { noun: 'an object', example: `'{"a": 1}'` },
  null: { noun: 'null', example: 'null' },
};

function isOfType(value: JsonValue, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isJsonObject(value);
  // Whether a number is whole is for the engine to judge, in the words it has for schemas.
  return typeof value === (type === 'integer' ? 'number' : type);
}
