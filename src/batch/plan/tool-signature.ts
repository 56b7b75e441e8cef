import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { showInvisible } from '../../core/text/show-invisible.ts';
import { measureValue } from '../input/measure-value.ts';

/** How much a signature may say. */
export interface SignatureRoom {
  /** Up to which everything is said; what is longer is told in short. */
  maxWholeChars: number;
  /** Of what is told in short. */
  maxChars: number;
  /** Objects inside each other whose fields are named. */
  maxLevels: number;
  maxEnumValues: number;
  /** Types looked at: more than that many characters can show. Unions of unions would have millions. */
  maxTypes: number;
}

/** One line in a reply; a schema of hundreds of fields is told in short rather than shown whole. */
const lineRoom: SignatureRoom = {
  maxWholeChars: 600,
  maxChars: 600,
  maxLevels: 3,
  maxEnumValues: 8,
  maxTypes: 300,
};

/**
 * A tool's arguments as one line that a model can write a call from: `(path: string, head?: number, mode?: "fast" | "slow")`. Where not
 * all of it fits, every argument that a call must have is still there, with as much of its type as fits, the others by their names alone;
 * `…` stands for what is left out. Nothing that a server wrote can end the line, or the signature.
 */
export function toolSignature(inputSchema: JsonObject, room: SignatureRoom = lineRoom): string {
  const whole = renderArguments(inputSchema, { ...room, isTerse: false });
  if (!whole.isCut && whole.line.length + 2 <= room.maxWholeChars) return `(${whole.line})`;
  return `(${tellInShort(inputSchema, room)})`;
}

/** What has to be given first, in ever fewer words until it fits; then the names of the rest. */
function tellInShort(inputSchema: JsonObject, room: SignatureRoom): string {
  const most = room.maxChars - '(, , …)'.length;
  const needed = new Set(requiredOf(inputSchema));
  const properties = isJsonObject(inputSchema['properties']) ? inputSchema['properties'] : {};
  const others = Object.keys(properties)
    .filter((name) => !needed.has(name))
    .map((name) => `${fieldName(name)}?`);
  const kept = Object.fromEntries(Object.entries(properties).filter(([name]) => needed.has(name)));
  const least = { ...inputSchema, properties: kept };
  // Of more than that not even the names fit.
  const styles = needed.size > most ? [] : stylesIn(room);
  const typed = styles
    .map((style) => renderArguments(least, style))
    .find(({ line, isCut }) => !isCut && line.length <= most);
  const names = typed === undefined ? [...needed].map(fieldName) : [];
  let line = typed?.line ?? '';
  for (const name of [...names, ...others]) {
    if (line.length + name.length > most) return line === '' ? '…' : `${line}, …`;
    line += line === '' ? name : `, ${name}`;
  }
  return line;
}

function stylesIn(room: SignatureRoom): Style[] {
  const terse = [room.maxLevels, 2, 1, 0].map((maxLevels) => ({ ...room, maxLevels, isTerse: true }));
  return [{ ...room, isTerse: false }, ...terse];
}

/** How types are told. `isTerse`: of objects those fields alone that they must have. */
type Style = Pick<SignatureRoom, 'maxLevels' | 'maxEnumValues' | 'maxTypes'> & { isTerse: boolean };

interface Spot {
  schema: JsonValue | undefined;
  root: JsonObject;
  level: number;
  /** References that led here: what contains itself is told once. */
  refs: readonly string[];
  style: Style;
  /** What is left to look at, of the whole signature. */
  room: { types: number };
}

function renderArguments(inputSchema: JsonObject, style: Style): { line: string; isCut: boolean } {
  const room = { types: style.maxTypes };
  const spot: Spot = { schema: inputSchema, root: inputSchema, level: 0, refs: [], style, room };
  const fields = renderFields(spot);
  // One of several sets of arguments.
  const line =
    fields === '' && choices.some((keyword) => inputSchema[keyword] !== undefined) ? renderType(spot) : fields;
  return { line, isCut: room.types < 0 };
}

const choices = ['anyOf', 'oneOf', 'allOf', '$ref'];

function renderFields(spot: Spot): string {
  const { schema, level, style, room } = spot;
  if (!isJsonObject(schema)) return '';
  const required = new Set(requiredOf(schema));
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const names = new Set([...Object.keys(properties), ...required]);
  // To look at thousands of names takes time too, and a reference may lead here again and again.
  room.types -= Math.floor(names.size / namesPerType);
  const fields: string[] = [];
  let isWhole = true;
  for (const name of names) {
    const isNeeded = required.has(name);
    if (style.isTerse && level > 0 && !isNeeded) {
      isWhole = false;
      continue;
    }
    if (room.types < 0) {
      isWhole = false;
      break;
    }
    fields.push(
      `${fieldName(name)}${isNeeded ? '' : '?'}: ${renderType({ ...spot, schema: fieldOf(properties, name) })}`,
    );
  }
  return [...fields, ...(isWhole ? [] : ['…'])].join(', ');
}

/** Looking at a type takes as long as looking at so many names. */
const namesPerType = 100;

/** What must be there and is described nowhere can be anything. */
function fieldOf(properties: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : {};
}

function renderType(spot: Spot): string {
  const { schema, root, level, refs, style, room } = spot;
  room.types -= 1;
  if (!isJsonObject(schema)) return 'any';
  if (level >= Math.max(1, style.maxLevels) || room.types < 0) return '…';
  const ref = schema['$ref'];
  if (typeof ref === 'string') {
    return refs.includes(ref) ? '…' : renderType({ ...spot, schema: followLocal(ref, root), refs: [...refs, ref] });
  }
  if (schema['const'] !== undefined) return quoteValue(schema['const']);
  const values = schema['enum'];
  if (Array.isArray(values) && values.length > 0) {
    const shown = values.slice(0, style.maxEnumValues).map(quoteValue);
    return [...shown, ...(values.length > style.maxEnumValues ? ['…'] : [])].join(' | ');
  }
  // A schema and what is put together with it: all of them hold.
  const parts = [renderPlainTypes(spot, schema), ...renderChoices(spot, schema)].filter((part) => part !== 'any');
  const [first = 'any', ...others] = parts.length > 1 ? parts.filter((part) => part !== 'object') : parts;
  return others.length === 0 ? first : [first, ...others].map(inParentheses).join(' & ');
}

function renderChoices(spot: Spot, schema: JsonObject): string[] {
  const render = (inner: JsonValue): string => renderType({ ...spot, schema: inner });
  const unions = [schema['anyOf'], schema['oneOf']].filter(Array.isArray);
  const all = Array.isArray(schema['allOf']) ? schema['allOf'] : [];
  return [
    ...unions.map((union) => [...new Set(union.slice(0, Math.max(1, spot.room.types)).map(render))].join(' | ')),
    ...all.slice(0, Math.max(1, spot.room.types)).map(render),
  ];
}

function renderPlainTypes(spot: Spot, schema: JsonObject): string {
  const types = schema['type'] === undefined ? [impliedType(schema)] : [schema['type']].flat();
  return types
    .slice(0, spot.style.maxEnumValues)
    .map((type) => renderPlainType({ ...spot, type }))
    .join(' | ');
}

/** What a schema can only be about that does not say so. */
function impliedType({ properties, required, items }: JsonObject): string | undefined {
  if (isJsonObject(properties) || Array.isArray(required)) return 'object';
  return items === undefined ? undefined : 'array';
}

function renderPlainType(spot: Spot & { type: JsonValue | undefined }): string {
  const { type, schema, level, style } = spot;
  if (type === 'integer') return 'number';
  if (type === 'array') {
    const items = isJsonObject(schema) ? schema['items'] : undefined;
    return `${inParentheses(renderType({ ...spot, schema: items }))}[]`;
  }
  if (type === 'object') {
    const fields = style.maxLevels === 0 ? '' : renderFields({ ...spot, level: level + 1 });
    return fields === '' ? 'object' : `{ ${fields} }`;
  }
  return typeof type === 'string' && /^\w{1,40}$/.test(type) ? type : 'any';
}

/** A type that something stands behind: of `{ a: string } | { b: string }[]` nobody could tell what is a list. */
function inParentheses(type: string): string {
  return !type.includes(' ') || isOneObject(type) ? type : `(${type})`;
}

function isOneObject(type: string): boolean {
  const braces = type.replaceAll(/"(?:[^"\\]|\\.)*"|[^{}]/g, (found) => (found.startsWith('"') ? '"' : ' '));
  let depth = 0;
  for (let at = 0; at < braces.length; at++) {
    if (braces[at] === '{') depth += 1;
    else if (braces[at] === '}') depth -= 1;
    if (depth === 0) return at > 0 && at === braces.length - 1;
  }
  return false;
}

/** A field as a signature names it. What is no plain name is quoted, so that none ends the signature and goes on in our words. */
export function fieldName(name: string): string {
  return /^[\p{L}\p{N}_$@.:-]+$/u.test(name) ? name : quoteValue(name);
}

/** No line holds more, and a server may write as much as a message takes. */
const maxValueChars = 1_000;

/** JSON leaves characters as they are that end a line for some, or turn it around. */
function quoteValue(value: JsonValue): string {
  const { chars, isTooDeep } = measureValue(value, { most: maxValueChars });
  return chars > maxValueChars || isTooDeep ? '…' : showInvisible(JSON.stringify(value));
}

function requiredOf({ required }: JsonObject): string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

/** Follows `#/$defs/name`; anything else is unknown here. */
function followLocal(ref: string, root: JsonObject): JsonValue | undefined {
  if (!ref.startsWith('#')) return undefined;
  let found: JsonValue | undefined = root;
  for (const part of ref.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found)) found = found[Number(key)];
    else found = isJsonObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}
