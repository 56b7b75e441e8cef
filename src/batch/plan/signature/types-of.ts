import { isJsonObject } from '../../../core/json.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';

/** The types that a schema names; where it names none, the one that it can only be about; `undefined` in it means anything. */
export function typesOf(schema: JsonObject): readonly (JsonValue | undefined)[] {
  const types = [schema['type'] ?? []].flat();
  return types.length > 0 ? types : [impliedType(schema)];
}

function impliedType({ properties, required, items }: JsonObject): string | undefined {
  if (isJsonObject(properties) || Array.isArray(required)) return 'object';
  return items === undefined ? undefined : 'array';
}
