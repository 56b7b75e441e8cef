import type { JsonValue } from '../../core/json.ts';

// Deeper than any real tool's arguments, and far from where recursive code (a validator, a serialiser) runs out of stack.
export const maxArgumentDepth = 64;

/**
 * About how many characters a value has as JSON, counted no further than `most`, and whether it goes deeper than arguments may.
 * `depth` is how many levels it stands in already.
 */
export function measureValue(
  value: JsonValue | undefined,
  { depth = 0, most }: { depth?: number; most: number },
): { chars: number; isTooDeep: boolean } {
  const measure = { chars: 0, most, isTooDeep: false };
  addTo(measure, value, depth);
  return measure;
}

/** Goes no deeper than the most levels, so its recursion is safe. Of an object that is over the limit already, nothing is looked at. */
function addTo(
  measure: { chars: number; most: number; isTooDeep: boolean },
  value: JsonValue | undefined,
  depth: number,
): void {
  if (typeof value !== 'object' || value === null) {
    measure.chars += scalarChars(value);
    return;
  }
  measure.chars += 2;
  if (depth >= maxArgumentDepth) measure.isTooDeep = true;
  else if (Array.isArray(value)) {
    measure.chars += value.length;
    for (const element of value) {
      if (measure.chars > measure.most || measure.isTooDeep) return;
      addTo(measure, element, depth + 1);
    }
  } else {
    for (const key of Object.keys(value)) {
      measure.chars += keyChars(key);
      if (measure.chars > measure.most || measure.isTooDeep) return;
      addTo(measure, value[key], depth + 1);
    }
  }
}

/** A key with its quotes, its colon and a comma. */
export function keyChars(key: string): number {
  return key.length + 4;
}

/** A value that holds no others. Escapes are not looked for. */
export function scalarChars(value: string | number | boolean | null | undefined): number {
  if (value === undefined) return 0;
  return typeof value === 'string' ? value.length + 2 : String(value).length;
}
