import type { Flaw } from '../schema/flaw.ts';

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
export function withoutErrorsOfHoles(errors: readonly Flaw[], holes: readonly string[]): readonly Flaw[] {
  if (holes.length === 0) return errors;
  // Sets of places, since arguments may have tens of thousands of holes and as many errors.
  const inHoles = new Set(holes);
  const aroundHoles = new Set(holes.flatMap(placesAround));
  const misled = new Set(
    errors
      .filter(({ keyword, instancePath }) => choosing.has(keyword) && aroundHoles.has(instancePath))
      .map(({ instancePath }) => instancePath),
  );
  return errors.filter(({ keyword, instancePath }) => {
    if (placesAround(instancePath).some((place) => inHoles.has(place) || misled.has(place))) return false;
    return !aroundHoles.has(instancePath) || aboutContainers.has(keyword);
  });
}

/** A place (a JSON Pointer) and all those that it is inside of, from the inside out. */
export function placesAround(place: string): string[] {
  const places = [place];
  for (let end = place.lastIndexOf('/'); end !== -1; end = place.lastIndexOf('/', end - 1)) {
    places.push(place.slice(0, end));
    if (end === 0) break;
  }
  return places;
}
