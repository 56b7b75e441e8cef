import type { JsonObject, JsonValue } from '../../core/json.ts';
import { cutText } from '../budget/cut-text.ts';

const maxKeys = 10;
const maxKeyChars = 40;

/** What kind of value it is, and never what it holds: results may be private, and messages travel further than they do. */
export function describeKind(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${countElements(value)}`;
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a text that is not JSON' : `a ${typeof value}`;
}

// Hundreds of references may find nothing in one object, and it may have tens of thousands of keys.
const listed = new WeakMap<JsonObject, string>();

/** The keys of an object for a message: `"title", "url" and 3 more`. Empty for an object without keys. */
export function listKeys(value: JsonObject): string {
  const known = listed.get(value);
  if (known !== undefined) return known;
  const keys = Object.keys(value);
  const more = keys.length > maxKeys ? ` and ${(keys.length - maxKeys).toLocaleString('en-US')} more` : '';
  const list = `${keys.slice(0, maxKeys).map(showKey).join(', ')}${more}`;
  listed.set(value, list);
  return list;
}

/** The number of elements with its noun. */
export function countElements({ length }: readonly JsonValue[]): string {
  return `${length.toLocaleString('en-US')} element${length === 1 ? '' : 's'}`;
}

function showKey(key: string): string {
  return JSON.stringify(key.length > maxKeyChars ? `${cutText(key, maxKeyChars)}…` : key);
}
