import type { Clock } from '../../../core/clock.ts';
import { defaultLimits } from '../../../core/limits.ts';
import type { Limits } from '../../../core/limits.ts';
import type { BookEntry } from './batch-book.ts';
import { countChars } from './count-chars.ts';

/** How long a batch that has ended can be read again. */
export const keptMinutes = 30;

/** Batches that have ended, and that their client may read again: bounded in number, size and age, the oldest gone first. */
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
    for (const [oldest, other] of kept) {
      if (chars <= maxChars && kept.size <= maxBatches) return;
      drop(oldest, other);
    }
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
