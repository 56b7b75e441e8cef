import type { JsonObject, JsonValue } from '../../core/json.ts';

/** Deeper than any settings; what is below is passed over. */
const maxDepth = 60;

/** A parsed value as plain data: objects have no prototype, and what JSON cannot carry (dates, bigints) is its text. */
export function toJsonValue(value: unknown, depth = 0): JsonValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null || depth > maxDepth) return null;
  if (Array.isArray(value)) return value.map((element) => toJsonValue(element, depth + 1));
  if (value instanceof Date) return value.toISOString();
  const plain: JsonObject = Object.create(null);
  for (const [key, inner] of Object.entries(value)) plain[key] = toJsonValue(inner, depth + 1);
  return plain;
}
