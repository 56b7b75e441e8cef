import type { JsonValue } from '../../../core/json.ts';

/** A value under check: where it stands, and what of it some part of the schema has spoken of already. */
export interface Spot {
  value: JsonValue | undefined;
  /** JSON Pointer to the value. */
  path: string;
  /** How many schemas stand around this check, references followed. */
  depth: number;
  /** Kept only where an `unevaluated…` keyword asks for it. */
  seen: Seen | undefined;
}

/** Fields and elements that a schema has spoken of, which `unevaluatedProperties` and `unevaluatedItems` leave alone. */
export interface Seen {
  keys: Set<string>;
  /** Elements from the first on. */
  items: number;
  /** Elements that `contains` has found. */
  found: Set<number>;
}

export function createSeen(): Seen {
  return { keys: new Set(), items: 0, found: new Set() };
}

export function addSeen(seen: Seen, more: Seen): void {
  for (const key of more.keys) seen.keys.add(key);
  for (const index of more.found) seen.found.add(index);
  seen.items = Math.max(seen.items, more.items);
}
