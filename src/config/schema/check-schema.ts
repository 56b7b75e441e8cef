import type { z } from 'zod';
import type { JsonValue } from '../../core/json.ts';
import type { Problem } from '../../core/place.ts';
import { problemAt, problemAtKey } from '../source/source.ts';
import type { Path, Source } from '../source/source.ts';

/** Checks a value that stands at `path` of a file. Returns the typed value, or every problem with its place. */
export function checkSchema<T>(
  schema: z.ZodType<T>,
  value: JsonValue | undefined,
  source: Source,
  path: Path = [],
  most = Infinity,
): { ok: true; value: T } | { ok: false; problems: Problem[] } {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  return {
    ok: false,
    problems: result.error.issues.slice(0, most).flatMap((issue) => toProblems(issue, source, path, most)),
  };
}

function toProblems(issue: z.core.$ZodIssue, source: Source, base: Path, most: number): Problem[] {
  const path = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n');
    return issue.keys
      .slice(0, most)
      .map((key, index) => problemAtKey(source, [...path, key], messages[index] ?? issue.message));
  }
  if (issue.code === 'invalid_key') return [problemAtKey(source, path, issue.issues[0]?.message ?? issue.message)];
  if (issue.code === 'invalid_union') {
    // The alternative whose kind fits says more than "none of them": its problems lie deeper than the value itself.
    const near = issue.errors.find((issues) => issues.length > 0 && issues.every(isDeeper));
    if (near !== undefined) return near.flatMap((inner) => toProblems(inner, source, path, most));
  }
  return [problemAt(source, path, issue.message)];
}

function isDeeper(issue: z.core.$ZodIssue): boolean {
  return issue.path.length > 0 || issue.code === 'unrecognized_keys' || issue.code === 'too_small';
}
