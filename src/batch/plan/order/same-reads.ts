import type { CatalogEntry } from '../../../catalog/build-catalog.ts';
import { canonicalJson } from '../../../core/json.ts';
import { measureValue } from '../../input/measure-value.ts';
import type { JudgedCall } from './judged-call.ts';

// Comparing longer ones would cost more than sending them. As JSON with escapes they stay under 16,000 characters, above which the
// engine hashes strings by their length alone.
const maxComparedChars = 2_000;

/**
 * For each call the index of the first of the identical reads that it is one of, `undefined` for the first itself and for all that is
 * sent as it stands: what is more than a read, what is still open, what is long, and what locks nothing, such as a clock. `conflicts` are the earlier
 * calls that hold conflicting locks: equal reads have equal locks, so with equal ones no write is between them.
 */
export function sameReads(
  calls: readonly JudgedCall[],
  { conflicts, timeouts }: { conflicts: readonly (readonly number[])[]; timeouts: readonly number[] },
): (number | undefined)[] {
  const isRepeated = new Map<CatalogEntry, boolean>();
  for (const judged of calls) {
    if (canBeShared(judged)) isRepeated.set(judged.match.entry, isRepeated.has(judged.match.entry));
  }
  const first = new Map<string, number>();
  return calls.map((judged, index) => {
    // Most tools stand in a batch once, and need no comparing.
    if (!canBeShared(judged) || isRepeated.get(judged.match.entry) !== true) return undefined;
    const { call, match } = judged;
    if (measureValue(call.arguments, { most: maxComparedChars }).chars > maxComparedChars) return undefined;
    const needs = call.needs.map((need) => `${need.index}:${need.when}`).join();
    // By the flow rule, one of two may need approval and the other not.
    const place = `${conflicts[index]?.join()} ${needs} ${timeouts[index]} ${match.approval?.reason}`;
    const key = `${place} ${JSON.stringify(match.entry.exposedName)} ${canonicalJson(call.arguments)}`;
    const known = first.get(key);
    if (known === undefined) first.set(key, index);
    return known;
  });
}

function canBeShared(judged: JudgedCall): judged is JudgedCall & { error?: undefined } {
  const { call, match, error } = judged;
  return error === undefined && !call.isOpen && match.class === 'read' && match.locks.length > 0;
}
