import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { quote } from '../input/field-problems.ts';
import { countElements, describeHolder, describeKind, listKeys } from './describe-value.ts';
import { readJsonText, readJsonTextOf } from './json-text.ts';
import type { Pointer } from './reference.ts';

const maxTokens = 32;
const maxChars = 1_000;

/** Reads a JSON Pointer as RFC 6901 has it. `''` is the whole value. A `reason` says what is wrong and what to write. */
export function parsePointer(text: unknown): { ok: true; pointer: Pointer } | { ok: false; reason: string } {
  if (typeof text !== 'string') {
    return { ok: false, reason: `found ${quote(text)}; write a JSON Pointer, a string such as "/items/0/name"` };
  }
  if (text === '') return { ok: true, pointer: [] };
  if (text.length > maxChars) {
    return { ok: false, reason: `a pointer of ${text.length.toLocaleString('en-US')} characters; the most is 1,000` };
  }
  if (!text.startsWith('/')) {
    return { ok: false, reason: `${quote(text)} must begin with "/"; write ${quote(suggestPointer(text))}` };
  }
  if (/~(?![01])/.test(text)) {
    return { ok: false, reason: `${quote(text)} has a "~" that escapes nothing; write ~0 for "~", and ~1 for "/"` };
  }
  const pointer = text.slice(1).split('/').map(unescape);
  if (pointer.length > maxTokens) {
    return { ok: false, reason: `${quote(text)} goes ${pointer.length} levels down; the most is ${maxTokens}` };
  }
  return { ok: true, pointer };
}

/** A pointer as text, escaped. */
export function renderPointer(pointer: Pointer): string {
  return pointer.map((token) => `/${escapeToken(token)}`).join('');
}

/** One token of a pointer as text: `a/b` is `a~1b`. */
export function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A path as programs write it, `.items[0].name`, as the text of the pointer that it would be: `/items/0/name`. */
export function slashPath(path: string): string {
  return slash(path.replaceAll(/\[['"]?([^\]'"]*)['"]?\]/g, '/$1').replaceAll('.', '/'));
}

/** A value on the way, and the step that led to it. */
interface Stop {
  value: JsonValue;
  step?: { holder: JsonObject | JsonValue[]; token: string; from: Stop };
}

/**
 * What stands at a pointer. `*` maps over an array, and further ones flatten, so that any number of them gives one flat list. A string
 * that holds a JSON object or array counts as that wherever the pointer goes on into it. Only own properties are found. The `reason`
 * is a phrase to go behind "has": `no "/items/0/name"; there are "title", "url" in "/items/0"`. It never holds a value.
 */
export function readPointer(
  value: JsonValue,
  pointer: Pointer,
): { found: true; value: JsonValue } | { found: false; reason: string } {
  let stops: Stop[] = [{ value }];
  let isList = false;
  for (const token of pointer) {
    const next: Stop[] = [];
    for (const stop of stops) {
      const holder = typeof stop.value === 'string' ? (jsonIn(stop.value, stop) ?? stop.value) : stop.value;
      if (token === '*' && Array.isArray(holder)) {
        isList = true;
        holder.forEach((value, index) => next.push({ value, step: { holder, token: String(index), from: stop } }));
        continue;
      }
      const child = isHolder(holder) ? childOf(holder, token) : undefined;
      if (child === undefined || !isHolder(holder)) {
        return { found: false, reason: describeMissing({ holder, token, stop }) };
      }
      next.push({ value: child, step: { holder, token, from: stop } });
    }
    stops = next;
  }
  if (isList) return { found: true, value: stops.map((stop) => stop.value) };
  const [only = { value }] = stops;
  return { found: true, value: only.value };
}

function isHolder(value: JsonValue): value is JsonObject | JsonValue[] {
  return typeof value === 'object' && value !== null;
}

function jsonIn(text: string, { step }: Stop): JsonObject | JsonValue[] | undefined {
  return step === undefined ? readJsonText(text) : readJsonTextOf(text, step);
}

function childOf(holder: JsonObject | JsonValue[], token: string): JsonValue | undefined {
  if (Array.isArray(holder)) return /^(?:0|[1-9]\d*)$/.test(token) ? holder[Number(token)] : undefined;
  return Object.hasOwn(holder, token) ? holder[token] : undefined;
}

function describeMissing({ holder, token, stop }: { holder: JsonValue; token: string; stop: Stop }): string {
  const path = pathOf(stop);
  const place = path.length === 0 ? undefined : `"${renderPointer(path)}"`;
  return `no "${renderPointer([...path, token])}"; ${describeThere({ holder, token, place })}`;
}

function describeThere(bag: { holder: JsonValue; token: string; place: string | undefined }): string {
  const { holder, token, place = 'the value' } = bag;
  const where = bag.place === undefined ? 'at the top' : `in ${bag.place}`;
  if (Array.isArray(holder)) {
    return /^\d+$/.test(token)
      ? `there ${holder.length === 1 ? 'is' : 'are'} ${countElements(holder)} ${where}`
      : `${place} is ${describeKind(holder)}; write an index or * there`;
  }
  if (!isJsonObject(holder)) return `${place} is ${describeHolder(holder)}`;
  const there = describeKeys(holder, { place, where });
  return token === '*' ? `* is for arrays, and ${place} is an object; ${there}` : there;
}

function describeKeys(holder: JsonObject, { place, where }: { place: string; where: string }): string {
  const { list, count } = listKeys(holder);
  if (count === 0) return `${place} is an object without keys`;
  return `there ${count === 1 ? 'is' : 'are'} ${list} ${where}`;
}

function pathOf(stop: Stop): string[] {
  const path: string[] = [];
  for (let { step } = stop; step !== undefined; { step } = step.from) path.unshift(step.token);
  return path;
}

function unescape(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** What was meant by a path that is no pointer: JSONPath (`$.items[0]`, `items.0`) and URI fragments (`#/items/0`) are what models write instead. */
function suggestPointer(text: string): string {
  // A name may have a dot in it: only where a number, or `*`, stands behind one is it surely a step.
  const isJsonPath = /^\$|\[|^[^/]*\.(?:\d+|\*)(?:\.|$)/.test(text);
  const bare = text.replace(/^(?:\$|#)[./]?/, '');
  return isJsonPath ? slashPath(bare) : slash(bare);
}

function slash(text: string): string {
  return text === '' ? '' : `/${text.replace(/^\//, '')}`;
}
