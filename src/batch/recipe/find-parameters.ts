import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { referenceKeyOf } from '../../core/reference-keys.ts';
import { readPointer } from '../references/json-pointer.ts';
import { parseStandIn } from '../references/parse-reference.ts';
import type { Pointer } from '../references/reference.ts';

/** A place that a parameter fills. */
interface ParameterUse {
  pointer: Pointer;
  /** Whether something stands there where the pointer finds nothing. */
  hasDefault: boolean;
}

/**
 * Every `{ "$param": … }` of a call, wherever `fillParameters` would fill it. One that has no right form is left out: parsing the call
 * names it. Recurses: for values of a configuration file, which are not deep.
 */
export function findParameters({ arguments: args, forEach }: JsonObject): ParameterUse[] {
  return [...find(args), ...(isJsonObject(forEach) ? findInConstant(forEach['default']) : [])];
}

/** Pointers that lead into a parameter which was given, and find nothing there: each with the reason. */
export function findMissing(calls: readonly JsonObject[], given: JsonObject): string[] {
  const reasons = calls.flatMap(findParameters).flatMap(({ pointer, hasDefault }) => {
    const [name] = pointer;
    if (hasDefault || name === undefined || !Object.hasOwn(given, name)) return [];
    const found = readPointer(given, pointer);
    return found.found ? [] : [`the arguments have ${found.reason}`];
  });
  return [...new Set(reasons)];
}

function find(value: JsonValue | undefined): ParameterUse[] {
  if (typeof value !== 'object' || value === null) return [];
  const key = referenceKeyOf(value);
  if (key === undefined || !isJsonObject(value)) return Object.values(value).flatMap(find);
  if (key === '$concat') return find(value[key]);
  if (key === '$result') return findInConstant(value['default']);
  if (key !== '$param') return [];
  const parsed = parseStandIn(value, key);
  if (!parsed.ok || parsed.standIn.key !== key) return [];
  return [{ pointer: parsed.standIn.pointer, hasDefault: parsed.standIn.default !== undefined }];
}

/** A default stands for a value as it is, and of all that could stand in it only a parameter is filled. */
function findInConstant(value: JsonValue | undefined): ParameterUse[] {
  if (typeof value !== 'object' || value === null) return [];
  return isJsonObject(value) && referenceKeyOf(value) === '$param'
    ? find(value)
    : Object.values(value).flatMap(findInConstant);
}
