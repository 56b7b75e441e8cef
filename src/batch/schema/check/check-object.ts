import { isJsonObject } from '../../../core/json.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { escapeToken } from '../../references/json-pointer.ts';
import type { SchemaRun } from '../schema-run.ts';
import type { Spot } from './spot.ts';

type ObjectSpot = Spot & { value: JsonObject };

/** What a schema says of an object and its fields. */
export function checkObject(run: SchemaRun, schema: JsonObject, spot: Spot): void {
  const { value } = spot;
  if (!isJsonObject(value)) return;
  const object = { value, path: spot.path, depth: spot.depth, seen: spot.seen };
  checkCount(run, schema, object);
  if (Array.isArray(schema['required'])) checkRequired(run, schema['required'], object);
  checkDependencies(run, schema, object);
  checkFields(run, schema, object);
  if (schema['propertyNames'] !== undefined) checkNames(run, schema['propertyNames'], object);
}

/** A field, which is spoken of by itself. */
export function fieldOf({ value, path, depth }: ObjectSpot, key: string): Spot {
  return { value: value[key], path: `${path}/${escapeToken(key)}`, depth, seen: undefined };
}

/** The names of an object's fields; each is a step. */
export function keysOf(run: SchemaRun, { value }: ObjectSpot): string[] {
  const keys = Object.keys(value);
  return run.spend(keys.length) ? keys : [];
}

/** An argument named `constructor` is an argument, and a missing one is missing. */
function has(object: JsonObject, key: string): boolean {
  return Object.hasOwn(object, key) && object[key] !== undefined;
}

function checkCount(run: SchemaRun, { maxProperties, minProperties }: JsonObject, object: ObjectSpot): void {
  if (typeof maxProperties !== 'number' && typeof minProperties !== 'number') return;
  const { length } = keysOf(run, object);
  if (run.isSpent) return;
  const say = (keyword: string, message: string): void => run.flaw(object, keyword, { message });
  if (typeof maxProperties === 'number' && length > maxProperties) {
    say('maxProperties', `must NOT have more than ${maxProperties} properties`);
  }
  if (typeof minProperties === 'number' && length < minProperties) {
    say('minProperties', `must NOT have fewer than ${minProperties} properties`);
  }
}

function checkRequired(run: SchemaRun, required: readonly JsonValue[], object: ObjectSpot): void {
  if (!run.spend(required.length)) return;
  for (const missingProperty of required) {
    if (typeof missingProperty !== 'string' || has(object.value, missingProperty)) continue;
    const message = `must have required property '${missingProperty}'`;
    run.flaw(object, 'required', { message, params: { missingProperty } });
  }
}

function checkDependencies(run: SchemaRun, schema: JsonObject, object: ObjectSpot): void {
  for (const keyword of ['dependentRequired', 'dependentSchemas', 'dependencies']) {
    const dependencies = schema[keyword];
    if (!isJsonObject(dependencies)) continue;
    for (const property of Object.keys(dependencies)) {
      if (!run.spend(1)) return;
      const wanted = dependencies[property];
      if (!has(object.value, property)) continue;
      if (!Array.isArray(wanted)) run.visit(wanted, object);
      else if (run.spend(wanted.length)) {
        for (const missingProperty of wanted) {
          if (typeof missingProperty !== 'string' || has(object.value, missingProperty)) continue;
          const message = `must have property ${missingProperty} when property ${property} is present`;
          run.flaw(object, keyword, { message, params: { property, missingProperty } });
        }
      }
    }
  }
}

function checkFields(run: SchemaRun, schema: JsonObject, object: ObjectSpot): void {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const { additionalProperties } = schema;
  const { doubts } = run;
  const matched = checkPatterns(run, schema['patternProperties'], object);
  // A pattern that cannot be used could have spoken of any field.
  const isClear = run.doubts === doubts;
  if (additionalProperties !== undefined && isClear) {
    for (const key of keysOf(run, object)) {
      if (Object.hasOwn(properties, key) || matched.has(key)) continue;
      object.seen?.keys.add(key);
      if (additionalProperties === false) {
        const message = 'must NOT have additional properties';
        run.flaw(object, 'additionalProperties', { message, params: { additionalProperty: key } });
      } else if (additionalProperties !== true) run.visit(additionalProperties, fieldOf(object, key));
    }
  }
  for (const key of Object.keys(properties)) {
    if (!run.spend(1)) return;
    if (!has(object.value, key)) continue;
    object.seen?.keys.add(key);
    run.visit(properties[key], fieldOf(object, key));
  }
}

/** Checks the fields whose names a pattern describes, and says which those are. */
function checkPatterns(run: SchemaRun, patternProperties: JsonValue | undefined, object: ObjectSpot): Set<string> {
  const matched = new Set<string>();
  if (!isJsonObject(patternProperties)) return matched;
  for (const source of Object.keys(patternProperties)) {
    const pattern = run.pattern(source);
    if (run.isSpent) break;
    if (pattern === undefined) continue;
    for (const key of keysOf(run, object)) {
      if (!run.matches(pattern, key) || run.isSpent) continue;
      matched.add(key);
      object.seen?.keys.add(key);
      run.visit(patternProperties[source], fieldOf(object, key));
    }
  }
  return matched;
}

function checkNames(run: SchemaRun, schema: JsonValue, object: ObjectSpot): void {
  for (const propertyName of keysOf(run, object)) {
    if (run.visit(schema, { ...object, value: propertyName, seen: undefined })) continue;
    run.flaw(object, 'propertyNames', { message: 'property name must be valid', params: { propertyName } });
  }
}
