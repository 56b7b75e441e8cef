import type { FinishedBatch } from '../batch/reply/reply-row.ts';
import type { Clock } from '../core/clock.ts';

/** Batches kept at once, of all clients together. */
const maxBatches = 100;
/** Characters kept at once, of all clients together: at most 64 MB, since a character takes one byte or two. */
const maxChars = 32_000_000;
/** How long a finished batch can be read again. */
export const keptMinutes = 30;

/** Batches that have run, and that their client may read again: bounded in number, size and age, the oldest gone first. */
export interface RecentResults {
  /** Whether it is kept: one that is larger than all the room there is would only push the others out. */
  keep(principal: string, batch: FinishedBatch): boolean;
  /** The batch, if this client ran it and it is still there. */
  find(principal: string, batchId: string): FinishedBatch | undefined;
}

interface Kept {
  batch: FinishedBatch;
  keptMs: number;
  chars: number;
}

export function createRecentResults(clock: Clock): RecentResults {
  // A map keeps the order in which things came, so the oldest is always the first.
  const kept = new Map<string, Kept>();
  let chars = 0;

  const drop = (key: string): void => {
    chars -= kept.get(key)?.chars ?? 0;
    kept.delete(key);
  };
  const dropExpired = (): void => {
    const oldestMs = clock.now() - keptMinutes * 60_000;
    for (const [key, { keptMs }] of kept) if (keptMs < oldestMs) drop(key);
  };

  return {
    keep(principal, batch) {
      dropExpired();
      const own = countChars(batch);
      if (own > maxChars) return false;
      const key = keyOf(principal, batch.plan.batchId);
      drop(key);
      kept.set(key, { batch, keptMs: clock.now(), chars: own });
      chars += own;
      for (const oldest of kept.keys()) {
        if (chars <= maxChars && kept.size <= maxBatches) break;
        drop(oldest);
      }
      return true;
    },
    find(principal, batchId) {
      dropExpired();
      return kept.get(keyOf(principal, batchId))?.batch;
    },
  };
}

/** A batch is nobody's but its client's: the id alone finds nothing. */
function keyOf(principal: string, batchId: string): string {
  return JSON.stringify([principal, batchId]);
}

/** What a call takes beside its arguments and its result: its place in the plan, its locks, its times. */
const charsOfCall = 500;

/** Characters that the batch holds in memory: its results and errors, and its arguments as well. What stands there twice counts once. */
function countChars({ outcomes, plan, request }: FinishedBatch): number {
  let chars = outcomes.length * charsOfCall;
  const seen = new Set<object>();
  const planned = plan.entries.map((entry) => (entry.kind === 'run' ? entry.call.arguments : 0));
  const open: unknown[] = [...outcomes.map(contentOf), ...planned, ...request.calls.map((call) => call.arguments)];
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
