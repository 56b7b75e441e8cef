import type { BatchEnd, BatchHead, CallEnd, CallHead, Claim, Journal, KeyedBatch } from '../../../src/core/journal.ts';
import type { RecoveredCall } from '../../../src/core/journal.ts';
import type { Outcome } from '../../../src/core/outcome.ts';

export interface RecordedCall {
  head: CallHead;
  ends: CallEnd[];
}

/** A journal in memory, which can be broken, and survives the process that wrote it. */
export interface MemoryJournal extends Journal {
  accepted: BatchHead[];
  ends: (BatchEnd & { batchId: string })[];
  calls: RecordedCall[];
  /** What had not been sent, and stands on disk as ended. */
  kept: { batchId: string; callId: string; outcome: Outcome }[];
  /** From now on nothing can be written, for this reason; `undefined`: it can again. */
  breakDown(reason: string | undefined): void;
  /** Has writes stand on disk only when the test says so. */
  holdWrites(): () => void;
  /** The process has died: what had not ended is interrupted. */
  crash(): void;
}

interface KeyRecord {
  batch: KeyedBatch;
  end?: BatchEnd;
  isInterrupted?: true;
}

export function memoryJournal(): MemoryJournal {
  const keys = new Map<string, KeyRecord>();
  const accepted: BatchHead[] = [];
  const ends: MemoryJournal['ends'] = [];
  const calls: RecordedCall[] = [];
  const kept: MemoryJournal['kept'] = [];
  let problem: string | undefined;
  let held: Promise<void> = Promise.resolve();

  const callsOf = (wanted: string): Map<string, RecoveredCall> =>
    new Map([
      ...kept
        .filter(({ batchId }) => batchId === wanted)
        .map(({ callId, outcome }): [string, RecoveredCall] => [callId, { class: 'read', outcome }]),
      ...calls
        .filter(({ head }) => head.batchId === wanted)
        .map(({ head, ends: [end] }): [string, RecoveredCall] => [
          head.callId,
          { class: head.class, ...(end !== undefined && { outcome: end.outcome }) },
        ]),
    ]);
  const judge = (batch: KeyedBatch, known: KeyRecord): Claim => {
    const { batchId } = known.batch;
    if (known.batch.digest !== batch.digest) return { kind: 'conflict', batchId };
    if (known.isInterrupted === true || known.end?.status === 'interrupted') {
      return { kind: 'interrupted', batchId, calls: callsOf(batchId) };
    }
    if (known.end === undefined) return { kind: 'running', batchId };
    return { kind: 'finished', batchId, ...(known.end.reply !== undefined && { reply: known.end.reply }) };
  };

  return {
    accepted,
    ends,
    calls,
    kept,
    start() {},
    problem: () => problem,
    accept: (head) => void accepted.push(head),
    claim(batch) {
      if (problem !== undefined) return { kind: 'unrecorded', reason: problem };
      const key = JSON.stringify([batch.scope, batch.key]);
      const known = keys.get(key);
      const claim: Claim = known === undefined ? { kind: 'new' } : judge(batch, known);
      if (claim.kind === 'new' || claim.kind === 'interrupted') {
        keys.set(key, { batch });
        accepted.push(batch);
      }
      return claim;
    },
    begin(head) {
      const call: RecordedCall = { head, ends: [] };
      calls.push(call);
      const settle = (end: CallEnd): void => void call.ends.push(end);
      if (head.class === 'read') return { settle };
      return { written: held.then(() => problem), settle };
    },
    keep(batchId, unsent) {
      if (problem !== undefined || ![...keys.values()].some(({ batch }) => batch.batchId === batchId)) return problem;
      for (const [callId, outcome] of unsent) kept.push({ batchId, callId, outcome });
      return undefined;
    },
    end(batchId, end) {
      ends.push({ ...end, batchId });
      for (const record of keys.values()) if (record.batch.batchId === batchId) record.end = end;
      return problem;
    },
    close: () => Promise.resolve(),
    breakDown: (reason) => void (problem = reason),
    holdWrites() {
      let release = (): void => {};
      held = new Promise((resolve) => (release = resolve));
      return release;
    },
    crash() {
      for (const record of keys.values()) if (record.end === undefined) record.isInterrupted = true;
    },
  };
}
