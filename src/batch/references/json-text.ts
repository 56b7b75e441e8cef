import { isTooDeep } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';

/** The object or array that a text holds as JSON; `undefined` where it holds none, or one too deep to be written again. */
export function readJsonText(text: string): JsonObject | JsonValue[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  let value: JsonObject | JsonValue[];
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isTooDeep(value) ? undefined : value;
}

// Below that reading it again costs less than remembering it.
const minKeptChars = 1_000;
const known = new WeakMap<object, Map<string, JsonObject | JsonValue[] | undefined>>();

/**
 * The same of a text that stands under a key (or index) in a value which never changes. It is read once as long as that value lives,
 * since hundreds of references may lead into one long text.
 */
export function readJsonTextOf(
  text: string,
  { holder, token }: { holder: JsonObject | JsonValue[]; token: string },
): JsonObject | JsonValue[] | undefined {
  if (text.length < minKeptChars) return readJsonText(text);
  const texts = known.get(holder) ?? new Map<string, JsonObject | JsonValue[] | undefined>();
  if (!texts.has(token)) known.set(holder, texts.set(token, readJsonText(text)));
  return texts.get(token);
}
