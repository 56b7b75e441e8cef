import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { referenceKeyOf } from '../../core/reference-keys.ts';
import { parseStandIn } from '../references/parse-reference.ts';
import type { Pointer } from '../references/reference.ts';

/**
 * The pointers of every `{ "$param": … }` in the arguments of a call, wherever `fillParameters` would fill it. One that has no right form
 * is left out: parsing the call names it. Recurses: for values of a configuration file, which are not deep.
 */
export function findParameters(args: JsonObject): Pointer[] {
  return find(args);
}

function find(value: JsonValue | undefined): Pointer[] {
  if (typeof value !== 'object' || value === null) return [];
  const key = referenceKeyOf(value);
  if (key === undefined || !isJsonObject(value)) return Object.values(value).flatMap(find);
  if (key === '$concat') return find(value[key]);
  if (key === '$result') return findInConstant(value['default']);
  if (key !== '$param') return [];
  const parsed = parseStandIn(value, key);
  return parsed.ok && parsed.standIn.key === key ? [parsed.standIn.pointer] : [];
}

/** A default stands for a value as it is, and of all that could stand in it only a parameter is filled. */
function findInConstant(value: JsonValue | undefined): Pointer[] {
  if (typeof value !== 'object' || value === null) return [];
  return isJsonObject(value) && referenceKeyOf(value) === '$param'
    ? find(value)
    : Object.values(value).flatMap(findInConstant);
}
