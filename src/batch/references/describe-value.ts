import type { JsonObject, JsonValue } from '../../core/json.ts';
import { cutText } from '../budget/cut-text.ts';

const maxKeys = 10;
const maxKeyChars = 40;

/** What kind of value it is, and never what it holds: results may be private, and messages travel further than they do. */
export function describeKind(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${countElements(value)}`;
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}

/** What is said of a value in which nothing can be found, since it would have to hold others. */
export function describeHolder(value: JsonValue): string {
  return typeof value === 'string' ? 'a text that holds no JSON object or array' : describeKind(value);
}

// Hundreds of references may find nothing in one object, and it may have tens of thousands of keys.
const known = new WeakMap<JsonObject, { list: string; count: number }>();

/** The keys of an object for a message, `"title", "url" and 3 more`, and how many they are. */
export function listKeys(value: JsonObject): { list: string; count: number } {
  const before = known.get(value);
  if (before !== undefined) return before;
  const keys = Object.keys(value);
  const more = keys.length > maxKeys ? ` and ${(keys.length - maxKeys).toLocaleString('en-US')} more` : '';
  const listed = { list: `${keys.slice(0, maxKeys).map(showKey).join(', ')}${more}`, count: keys.length };
  known.set(value, listed);
  return listed;
}

/** The number of elements with its noun. */
export function countElements({ length }: readonly JsonValue[]): string {
  return `${length.toLocaleString('en-US')} element${length === 1 ? '' : 's'}`;
}

function showKey(key: string): string {
  return JSON.stringify(key.length > maxKeyChars ? `${cutText(key, maxKeyChars)}…` : key);
}
