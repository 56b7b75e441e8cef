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

/**
 * Far more levels than any schema, argument or result has, and far fewer than make recursive code run out of stack: `JSON.stringify`,
 * first of all, throws at a few thousand, where `JSON.parse` does not.
 */
export const maxDepth = 500;

/** Whether a value is nested deeper than `maxDepth` levels. Does not recurse. */
export function isTooDeep(value: unknown): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= maxDepth) return true;
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * The value as JSON with the keys of objects in order, so that equal values have equal text. Recurses: for values known to be no
 * deeper than `maxDepth`.
 */
export function canonicalJson(value: JsonValue | undefined): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map((element) => canonicalJson(element)).join()}]`;
  let fields = '';
  for (const key of Object.keys(value).sort()) {
    if (value[key] === undefined) continue;
    fields += `${fields === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(value[key])}`;
  }
  return `{${fields}}`;
}
