import type { FinishedBatch } from '../../../batch/reply/reply-row.ts';

/** What a call takes beside its arguments and its result: its place in the plan, its locks, its times. */
const charsOfCall = 500;

/** Characters that a batch holds in memory: its results and errors, and its arguments as well. What stands there twice counts once. */
export function countChars({ outcomes, plan, request, late = [] }: FinishedBatch): number {
  let chars = outcomes.length * charsOfCall;
  const seen = new Set<object>();
  const planned = plan.entries.map((entry) => (entry.kind === 'run' ? entry.call.arguments : 0));
  const asked = request.calls.map((call) => call.arguments);
  const open: unknown[] = [...outcomes.map(contentOf), ...late.map(({ result }) => result), ...planned, ...asked];
  // A stack of our own: results may be nested deeply.
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') chars += value.length;
    else if (typeof value !== 'object' || value === null) chars += 4;
    else if (!seen.has(value)) {
      seen.add(value);
      chars += 8;
      for (const [key, inner] of Object.entries(value)) {
        chars += Array.isArray(value) ? 0 : key.length;
        open.push(inner);
      }
    }
  }
  return chars;
}

function contentOf({ items, result, error }: FinishedBatch['outcomes'][number]): unknown {
  return [items?.map(contentOf), result, error];
}
