import type { JsonObject } from '../../core/json.ts';
import type { Flaw } from './flaw.ts';
import type { PatternBook } from './pattern-book.ts';
import type { SchemaDocument } from './schema-document.ts';
import { SchemaRun } from './schema-run.ts';

/** What a check has found; `unchecked` says what could not be looked at, and why. What cannot be checked passes. */
export interface Checked {
  flaws: readonly Flaw[];
  unchecked?: string;
  /** The steps were used up: nothing is known. */
  isSpent: boolean;
}

/**
 * Checks a value against a JSON Schema (draft-06 to 2020-12; `format` says nothing). It walks the schema instead of making a program of
 * it, in at most so many steps, each of about 0.3 µs: schemas come from servers, and none may hold up the others.
 */
export function checkValue(
  value: JsonObject,
  { document, patterns, steps }: { document: SchemaDocument; patterns: PatternBook; steps: number },
): Checked {
  const run = new SchemaRun({ document, patterns, steps });
  run.visit(document.root, { value, path: '', depth: 0, seen: undefined });
  if (run.isSpent) return { flaws: [], isSpent: true, unchecked: 'checking these arguments takes too long' };
  return { flaws: run.flaws, isSpent: false, ...(run.firstDoubt !== undefined && { unchecked: run.firstDoubt }) };
}
