import type { Clock } from '../../../core/clock.ts';
import { defaultLimits } from '../../../core/limits.ts';
import type { Limits } from '../../../core/limits.ts';
import type { BookEntry } from './batch-book.ts';
import { countChars } from './count-chars.ts';

/** How long a batch that has ended can be read again. */
export const keptMinutes = 30;

/** Batches that have ended, and that their client may read again: bounded in number, size and age. The oldest goes first, of the client that has most, so that nobody pushes out those of others. */
export interface KeptBatches {
  /** Keeps a batch that has ended, unless it is larger than all the room there is: it would only push the others out. */
  keep(entry: BookEntry): void;
  find(batchId: string): BookEntry | undefined;
  all(): BookEntry[];
}

interface Kept {
  entry: BookEntry;
  sinceMs: number;
  chars: number;
  stopListening: () => void;
}

/** @param limits of all clients together; a character takes one byte or two */
export function createKeptBatches(
  clock: Clock,
  limits: Pick<Limits, 'keptBatches' | 'keptChars'> = defaultLimits,
): KeptBatches {
  const { keptBatches: maxBatches, keptChars: maxChars } = limits;
  // A map keeps the order in which things came, so the oldest is always the first.
  const kept = new Map<string, Kept>();
  let chars = 0;

  const drop = (batchId: string, one: Kept): void => {
    kept.delete(batchId);
    chars -= one.chars;
    one.stopListening();
    // Nobody can ask for it any more, and nobody's calls are to be kept from running for that.
    one.entry.batch.reported();
  };
  /** The client whose batches come to most. */
  const largestBy = (weigh: (one: Kept) => number): string => {
    const sums = new Map<string, number>();
    for (const one of kept.values()) sums.set(ownerOf(one), (sums.get(ownerOf(one)) ?? 0) + weigh(one));
    return [...sums].reduce((most, each) => (each[1] > most[1] ? each : most), ['', -1])[0];
  };
  /** What has to go where there is too much: the oldest of the client that has most. */
  const findSurplus = (): [string, Kept] | undefined => {
    if (chars <= maxChars && kept.size <= maxBatches) return undefined;
    const owner = chars > maxChars ? largestBy((one) => one.chars) : largestBy(() => 1);
    return [...kept].find(([, one]) => ownerOf(one) === owner);
  };
  const dropExpired = (): void => {
    const oldestMs = clock.now() - keptMinutes * 60_000;
    for (const [batchId, one] of kept) {
      if (one.sinceMs >= oldestMs) return;
      drop(batchId, one);
    }
  };
  const measure = (batchId: string): void => {
    const one = kept.get(batchId);
    if (one === undefined) return;
    const own = countChars(one.entry.batch.view());
    chars += own - one.chars;
    one.chars = own;
    if (own > maxChars) drop(batchId, one);
    for (let next = findSurplus(); next !== undefined; next = findSurplus()) drop(...next);
  };

  return {
    keep(entry) {
      dropExpired();
      const { batch } = entry;
      // What is learnt late has a result, too.
      const stopListening = batch.onChange(() => measure(batch.batchId));
      kept.set(batch.batchId, { entry, sinceMs: clock.now(), chars: 0, stopListening });
      measure(batch.batchId);
    },
    find(batchId) {
      dropExpired();
      return kept.get(batchId)?.entry;
    },
    all() {
      dropExpired();
      return [...kept.values()].map(({ entry }) => entry);
    },
  };
}

/** Whoever ran it first. */
function ownerOf({ entry }: Kept): string {
  return entry.principals.values().next().value ?? '';
}
