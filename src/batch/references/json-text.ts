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
