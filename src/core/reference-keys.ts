import type { JsonObject, JsonValue } from './json.ts';

/**
 * The keys that make an object of a batch's arguments stand for something else: an earlier result, the element of a `forEach`, a
 * joined string, an object that only looks like one of these, a parameter of a recipe.
 */
const referenceKeys = ['$result', '$item', '$concat', '$literal', '$param'] as const;
export type ReferenceKey = (typeof referenceKeys)[number];

/** The key by which a value stands for something else, `undefined` where it means itself. Of several the first of the list counts. */
export function referenceKeyOf(value: JsonObject | readonly JsonValue[]): ReferenceKey | undefined {
  return Array.isArray(value) ? undefined : referenceKeys.find((key) => Object.hasOwn(value, key));
}
