import type { ErrorObject } from 'ajv/dist/2020.js';

/** What a schema says of a container, its names and how many values it has, which stay as they are whatever fills the values. */
const aboutContainers = new Set([
  'required',
  'additionalProperties',
  'type',
  'dependentRequired',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'minItems',
  'maxItems',
]);
/** Keywords that choose what else holds by looking at the value; each adds an error of its own to those of what it chose. */
const choosing = new Set(['anyOf', 'oneOf', 'not', 'if', 'contains']);

/**
 * The errors that hold whatever the holes (JSON Pointers) will be filled with. Dropped are those at a hole or inside it, those around
 * one that are about its value, and all of a part of the schema that was chosen by looking at a hole.
 */
export function withoutErrorsOfHoles(errors: readonly ErrorObject[], holes: readonly string[]): readonly ErrorObject[] {
  if (holes.length === 0) return errors;
  const isInHole = (path: string): boolean => holes.some((hole) => contains(hole, path));
  const isAroundHole = (path: string): boolean => holes.some((hole) => contains(path, hole));
  const misled = errors
    .filter(({ keyword, instancePath }) => choosing.has(keyword) && isAroundHole(instancePath))
    .map(({ instancePath }) => instancePath);
  return errors.filter(({ keyword, instancePath }) => {
    if (isInHole(instancePath) || misled.some((place) => contains(place, instancePath))) return false;
    return !isAroundHole(instancePath) || aboutContainers.has(keyword);
  });
}

/** Whether the second place (a JSON Pointer) is the first or inside it. */
export function contains(outer: string, inner: string): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}
