import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';

// A reply is read leniently: what is missing or of another shape is empty, since a command that draws a batch has nobody to complain to.

/** An object, or an empty one. */
export function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** A list, or an empty one. */
export function asList(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** A text, or the empty one. */
export function asText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** A number, or 0. */
export function asNumber(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** The text fields of an object that are there and named here. */
export function textFields<Name extends string>(from: JsonObject, names: readonly Name[]): { [name in Name]?: string } {
  const found: { [name in Name]?: string } = {};
  for (const name of names) {
    const value = from[name];
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}

/** Why a call did not run or did not succeed. */
export interface RepliedError {
  code: string;
  message: string;
}

/** An error as replies have it; `undefined` where there is none. */
export function readError(error: JsonValue | undefined): RepliedError | undefined {
  return isJsonObject(error) ? { code: asText(error['code']), message: asText(error['message']) } : undefined;
}
