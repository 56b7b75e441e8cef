/** Any value that JSON can carry. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** A JSON object whose fields are not known further. Arguments, schemas and results travel in this form, untouched. */
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

/** True for a plain JSON object; false for arrays, null and everything else. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
