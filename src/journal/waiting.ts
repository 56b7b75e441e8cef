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
  batch(record: BatchRecord): void;
  write(record: CallRecord): void;
  /** Writes of earlier, which a new file shall have before those that wait: calls of one millisecond stand in the order of their rows. */
  writeAgain(records: Iterable<CallRecord>): void;
  /** Returns how many reads wait. */
  read(record: CallRecord): number;
  outcome(outcome: KeptOutcome): void;
  withdraw(record: BatchRecord): void;
  size(): number;
  /** What the next transaction shall write, the oldest first; `undefined` for nothing. */
  take(options: { reads: boolean; isDurable: boolean; max?: number }): Change | undefined;
  /** It has been written. */
  done(change: Change): void;
  /** How many were dropped since this was last asked. */
  takeLost(): number;
}

/** As many as wait while a disk is full, at some 1 kB each, */
const maxWaiting = 10_000;
/** with what is large of them: outcomes, reports and replies. */
const maxChars = 32_000_000;

export function createWaiting(): Waiting {
  /** With what they hold. */
  const batches = new Map<BatchRecord, number>();
  const writes = new Set<CallRecord>();
  const reads = new Set<CallRecord>();
  const outcomes = new Set<KeptOutcome>();
  let chars = 0;
  let lost = 0;
  const size = (): number => batches.size + writes.size + reads.size + outcomes.size;

  const forget = {
    batch(record: BatchRecord): void {
      chars -= batches.get(record) ?? 0;
      batches.delete(record);
    },
    outcome(kept: KeptOutcome): void {
      if (outcomes.delete(kept)) chars -= kept.outcome.length;
    },
  };

  /** Drops what matters least, the oldest first. An outcome only spares a call that is sent again. */
  const dropOne = (): void => {
    const [read] = reads;
    const [outcome] = outcomes;
    const [write] = writes;
    const [batch] = batches.keys();
    if (chars > maxChars && outcome !== undefined) forget.outcome(outcome);
    else if (chars > maxChars && batch !== undefined) forget.batch(batch);
    else if (read !== undefined) reads.delete(read);
    else if (outcome !== undefined) forget.outcome(outcome);
    else if (write !== undefined) writes.delete(write);
    else if (batch !== undefined) forget.batch(batch);
    lost++;
  };

  const isOver = (): boolean => size() > maxWaiting || chars > maxChars;
  const bound = (): void => {
    while (isOver()) dropOne();
  };

  return {
    batch(record) {
      const held = (record.end?.report?.length ?? 0) + (record.end?.reply?.length ?? 0);
      chars += held - (batches.get(record) ?? 0);
      batches.set(record, held);
      bound();
    },
    write(record) {
      writes.add(record);
      bound();
    },
    writeAgain(records) {
      const later = [...writes];
      writes.clear();
      for (const record of [...records, ...later]) writes.add(record);
      bound();
    },
    read(record) {
      reads.add(record);
      bound();
      return reads.size;
    },
    outcome(kept) {
      outcomes.add(kept);
      chars += kept.outcome.length;
      bound();
    },
    withdraw: forget.batch,
    size,
    take({ reads: withReads, isDurable, max = maxWaiting }) {
      if (size() === 0 || (!withReads && size() === reads.size)) return undefined;
      let room = max;
      const some = <T>(all: Iterable<T>, count: number): T[] => {
        const taken = count <= room ? [...all] : [...all].slice(0, room);
        room -= taken.length;
        return taken;
      };
      // Batches last, so that none ends before what its calls have left is written.
      return {
        writes: some(writes, writes.size),
        outcomes: some(outcomes, outcomes.size),
        reads: withReads ? some(reads, reads.size) : [],
        batches: some(batches.keys(), batches.size),
        isDurable,
      };
    },
    done(change) {
      for (const record of change.writes) writes.delete(record);
      for (const kept of change.outcomes) forget.outcome(kept);
      for (const record of change.reads) reads.delete(record);
      for (const record of change.batches) forget.batch(record);
    },
    takeLost() {
      const count = lost;
      lost = 0;
      return count;
    },
  };
}
