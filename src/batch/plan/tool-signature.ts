import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { fieldName, quoteValue } from '../input/quote-value.ts';
import { createSchemaDocument } from '../schema/schema-document.ts';
import type { SchemaDocument } from '../schema/schema-document.ts';
import { inParentheses, withoutBraces } from './signature/in-parentheses.ts';
import { typesOf } from './signature/types-of.ts';

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
  const known = told.get(room) ?? new WeakMap<JsonObject, string>();
  told.set(room, known);
  const signature = known.get(inputSchema) ?? sign(inputSchema, room);
  known.set(inputSchema, signature);
  return signature;
}

/** A batch may bring a thousand wrong calls of one tool, and a schema as large as a message takes a while to look at. */
const told = new WeakMap<SignatureRoom, WeakMap<JsonObject, string>>();

function sign(inputSchema: JsonObject, room: SignatureRoom): string {
  const document = createSchemaDocument(inputSchema);
  const whole = renderArguments(inputSchema, { document, style: { ...room, isTerse: false } });
  if (!whole.isCut && whole.line.length + 2 <= room.maxWholeChars) return `(${whole.line})`;
  return `(${tellInShort(inputSchema, { document, room })})`;
}

/** What has to be given first, in ever fewer words until it fits; then the names of the rest. */
function tellInShort(
  inputSchema: JsonObject,
  { document, room }: { document: SchemaDocument; room: SignatureRoom },
): string {
  const most = room.maxChars - '(, , …)'.length;
  const needed = new Set(requiredOf(inputSchema));
  const properties = isJsonObject(inputSchema['properties']) ? inputSchema['properties'] : {};
  const others = Object.keys(properties).filter((name) => !needed.has(name));
  const kept = Object.fromEntries(Object.entries(properties).filter(([name]) => needed.has(name)));
  const least = { ...inputSchema, properties: kept };
  // Of more than that not even the names fit.
  const styles = needed.size > most ? [] : stylesIn(room);
  const typed = styles
    .map((style) => renderArguments(least, { document, style }))
    .find(({ line, isCut }) => !isCut && line.length <= most);
  const names = typed === undefined ? [...needed] : [];
  let line = typed?.line ?? '';
  for (const [index, field] of [...names, ...others].entries()) {
    const name = `${fieldName(field)}${index < names.length ? '' : '?'}`;
    if (line.length + name.length > most) return line === '' ? '…' : `${line}, …`;
    line += line === '' ? name : `, ${name}`;
  }
  // What else it takes beside its fields may not have fitted.
  if (!hasChoices(inputSchema)) return line;
  return line === '' ? '…' : `${line}, …`;
}

function stylesIn(room: SignatureRoom): Style[] {
  const terse = [room.maxLevels, 2, 1, 0].map((maxLevels) => ({ ...room, maxLevels, isTerse: true }));
  return [{ ...room, isTerse: false }, ...terse];
}

/** How types are told. `isTerse`: of objects those fields alone that they must have. */
type Style = SignatureRoom & { isTerse: boolean };

interface Spot {
  schema: JsonValue | undefined;
  /** Where references are looked up, as they are when arguments are checked. */
  document: SchemaDocument;
  level: number;
  /** Types around this one, of whatever kind. */
  depth: number;
  /** References that led here: what contains itself is told once. */
  refs: readonly string[];
  style: Style;
  /** What is left to look at, of the whole signature. */
  room: Room;
}

interface Room {
  types: number;
  /** Of names and values. What is said twice is told once, so more is looked at than shown. */
  chars: number;
  /** Of the look through the whole schema that the first reference needs. */
  steps: number;
}

const charsPerShown = 10;
const maxSteps = 100_000;
/** As many levels as arguments may have, and far from the end of the stack. */
const maxDepth = 64;

function renderArguments(
  inputSchema: JsonObject,
  { document, style }: { document: SchemaDocument; style: Style },
): { line: string; isCut: boolean } {
  const chars = charsPerShown * Math.max(style.maxWholeChars, style.maxChars);
  const room: Room = { types: style.maxTypes, chars, steps: maxSteps };
  const spot: Spot = { schema: inputSchema, document, level: 0, depth: 0, refs: [], style, room };
  // One of several sets of arguments, or more of them than its own fields.
  const type = hasChoices(inputSchema) ? renderType({ ...spot, level: -1 }) : 'object';
  const isMore = type !== 'object' && type !== 'any';
  return { line: isMore ? withoutBraces(type) : renderFields(spot), isCut: isSpent(room) };
}

function hasChoices(schema: JsonObject): boolean {
  return choices.some((keyword) => schema[keyword] !== undefined);
}

const choices = ['anyOf', 'oneOf', 'allOf', '$ref'];

function isSpent({ types, chars }: Room): boolean {
  return types < 0 || chars < 0;
}

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
    if (isSpent(room)) {
      isWhole = false;
      break;
    }
    room.chars -= name.length;
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
  const { schema, level, depth, style, room } = spot;
  room.types -= 1;
  if (!isJsonObject(schema)) return 'any';
  if (level >= Math.max(1, style.maxLevels) || depth >= maxDepth || isSpent(room)) return '…';
  const inside = { ...spot, depth: depth + 1 };
  if (schema['const'] !== undefined) return renderValues(inside, [schema['const']]);
  const values = schema['enum'];
  if (Array.isArray(values) && values.length > 0) return renderValues(inside, values);
  // A schema and what is put together with it: all of them hold.
  const parts = [
    ...renderReference(inside, schema['$ref']),
    renderPlainTypes(inside, schema),
    ...renderChoices(inside, schema),
  ].filter((part) => part !== 'any');
  const [first = 'any', ...others] = parts.length > 1 ? parts.filter((part) => part !== 'object') : parts;
  return others.length === 0 ? first : [first, ...others].map(inParentheses).join(' & ');
}

function renderValues({ style, room }: Spot, values: readonly JsonValue[]): string {
  const shown: string[] = [];
  for (const value of values.slice(0, style.maxEnumValues)) {
    if (isSpent(room)) break;
    const { text, chars } = quoteValue(value);
    room.chars -= chars;
    shown.push(text);
  }
  return [...shown, ...(values.length > shown.length ? ['…'] : [])].join(' | ');
}

function renderReference(spot: Spot, ref: JsonValue | undefined): string[] {
  const { document, refs, room } = spot;
  if (typeof ref !== 'string') return [];
  if (refs.includes(ref)) return ['…'];
  const found = document.resolve(ref, (steps) => (room.steps -= steps) >= 0);
  return [renderType({ ...spot, schema: found.ok ? found.schema : undefined, refs: [...refs, ref] })];
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
  return typesOf(schema)
    .slice(0, spot.style.maxEnumValues)
    .map((type) => renderPlainType({ ...spot, type }))
    .join(' | ');
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

function requiredOf({ required }: JsonObject): string[] {
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}
