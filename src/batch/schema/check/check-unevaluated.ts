import { isJsonObject } from '../../../core/json.ts';
import type { JsonObject } from '../../../core/json.ts';
import { elementOf, tooMany } from './check-array.ts';
import { fieldOf, keysOf } from './check-object.ts';
import type { SchemaRun } from '../schema-run.ts';
import type { Spot } from './spot.ts';

/** What a schema says of the fields and elements that no other part of it has spoken of. Comes last, when that is known. */
export function checkUnevaluated(run: SchemaRun, schema: JsonObject, spot: Spot): void {
  const { value, seen } = spot;
  // What could not be looked at could have spoken of anything.
  if (seen === undefined || run.doubts > 0) return;
  const { unevaluatedProperties, unevaluatedItems } = schema;
  if (isJsonObject(value) && unevaluatedProperties !== undefined) {
    const object = { ...spot, value };
    for (const key of keysOf(run, object)) {
      if (seen.keys.has(key)) continue;
      seen.keys.add(key);
      if (unevaluatedProperties === false) {
        const message = 'must NOT have unevaluated properties';
        run.flaw(spot, 'unevaluatedProperties', { message, params: { unevaluatedProperty: key } });
      } else run.visit(unevaluatedProperties, fieldOf(object, key));
    }
  }
  if (Array.isArray(value) && unevaluatedItems !== undefined) {
    const list = { ...spot, value };
    for (let index = seen.items; index < value.length && !run.isSpent; index++) {
      if (seen.found.has(index)) continue;
      if (unevaluatedItems === false) {
        tooMany(run, 'unevaluatedItems', { list, limit: index });
        break;
      }
      run.visit(unevaluatedItems, elementOf(list, index));
    }
    seen.items = value.length;
  }
}
