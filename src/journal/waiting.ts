import type { BatchRecord } from './records/batch-record.ts';
import type { CallRecord } from './records/call-record.ts';
import type { Change } from './store/store.ts';

/** An outcome that is kept for the case that its batch is interrupted. */
export interface KeptOutcome {
  batchId: string;
  callId: string;
  outcome: string;
}

/** Records that wait to be written. Each stands here once, and is written as it is then, so that a begin and its end cost one row. */
export interface Waiting {
  batches: Set<BatchRecord>;
  writes: Set<CallRecord>;
  reads: Set<CallRecord>;
  outcomes: Set<KeptOutcome>;
  size(): number;
  /** What the next transaction shall write, the oldest first; `undefined` for nothing. */
  take(options: { reads: boolean; isDurable: boolean; max?: number }): Change | undefined;
  /** It has been written. */
  done(change: Change): void;
  /** Drops the oldest beyond the bound. */
  bound(): void;
  /** How many were dropped since this was last asked. */
  takeLost(): number;
}

/** As many as wait while a disk is full, at some 1 kB each. */
const maxWaiting = 10_000;

export function createWaiting(): Waiting {
  const batches = new Set<BatchRecord>();
  const writes = new Set<CallRecord>();
  const reads = new Set<CallRecord>();
  const outcomes = new Set<KeptOutcome>();
  let lost = 0;
  const size = (): number => batches.size + writes.size + reads.size + outcomes.size;

  return {
    batches,
    writes,
    reads,
    outcomes,
    size,
    take({ reads: withReads, isDurable, max = maxWaiting }) {
      if (size() === 0 || (!withReads && size() === reads.size)) return undefined;
      let room = max;
      const some = <T>(set: Set<T>): T[] => {
        const taken = set.size <= room ? [...set] : [...set].slice(0, room);
        room -= taken.length;
        return taken;
      };
      return {
        batches: some(batches),
        writes: some(writes),
        outcomes: some(outcomes),
        reads: withReads ? some(reads) : [],
        isDurable,
      };
    },
    done(change) {
      for (const batch of change.batches) batches.delete(batch);
      for (const record of change.writes) writes.delete(record);
      for (const outcome of change.outcomes) outcomes.delete(outcome);
      for (const record of change.reads) reads.delete(record);
    },
    bound() {
      // What matters least first. Outcomes are the largest, and only spare a call that is sent again.
      for (let excess = size() - maxWaiting; excess > 0; excess--) {
        const set: Set<unknown> | undefined = [reads, outcomes, writes, batches].find((some) => some.size > 0);
        if (set === undefined) return;
        set.delete(set.values().next().value);
        lost++;
      }
    },
    takeLost() {
      const count = lost;
      lost = 0;
      return count;
    },
  };
}
