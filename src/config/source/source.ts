import type { Place, Problem } from '../../core/place.ts';
import type { JsonValue } from '../../core/json.ts';

/** The keys and indices that lead from the top of a file to a value. */
export type Path = readonly (string | number)[];

/** A file of ours after parsing: plain values, and where each of them stands. */
export interface Source {
  /** The file as people see it in messages. */
  file: string;
  value: JsonValue;
  /** Where the value stands; for a value that is missing, where the nearest mapping around it does. */
  placeOf(path: Path): Place;
  /** Where the key of the value stands; for a list's element, the element. */
  keyPlaceOf(path: Path): Place;
  /** A number or boolean as the file spells it (`1.10` stays `1.10`). */
  spellingOf(path: Path): string | undefined;
}

/** A problem with the value at a path. */
export function problemAt(source: Source, path: Path, message: string): Problem {
  return { place: source.placeOf(path), ...keyOf(path), message };
}

/** A problem with the key at a path. */
export function problemAtKey(source: Source, path: Path, message: string): Problem {
  return { place: source.keyPlaceOf(path), ...keyOf(path), message };
}

function keyOf(path: Path): { key?: string } {
  return path.length > 0 ? { key: path.join('.') } : {};
}
