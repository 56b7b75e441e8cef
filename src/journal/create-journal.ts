import type { JournalConfig } from '../config/config.ts';
import type { CallHead, Journal, JournaledCall } from '../core/journal.ts';
import type { Logger } from '../lib/logger.ts';
import { claimKey } from './claims/claim-key.ts';
import { openFile } from './file/open-file.ts';
import { type BatchRecord, endBatch, keyOf } from './records/batch-record.ts';
import { type CallRecord, toRecordedEnd } from './records/call-record.ts';
import { type OutcomeBudget, toKeptOutcome } from './records/kept-outcomes.ts';
import { switchedOff } from './switched-off.ts';
import { loadSqlite, type Sqlite } from './sqlite/load-sqlite.ts';
import type { Trouble } from './sqlite/trouble.ts';
import { createTrimmer } from './trimmer.ts';
import { createWriter } from './writer.ts';

export interface JournalOptions {
  config: JournalConfig;
  stateDir: string;
  /** Wall clock, milliseconds since the epoch. */
  now: () => number;
  logger: Logger;
}

/** Opens its file with the first record, or when it is started. Where that fails, `problem` says why, and it is tried again. */
export function createJournal({ config, stateDir, now, logger }: JournalOptions): Journal {
  if (!config.enabled) return switchedOff;
  let loaded: Sqlite | Trouble | undefined;
  const load = (): Sqlite | Trouble => (loaded ??= loadSqlite());
  const batches = new Map<string, { record: BatchRecord; budget?: OutcomeBudget }>();
  // Both are bounded by what the scheduler lets run at once.
  const running = new Set<CallRecord>();
  const trimmer = createTrimmer({ config, now, logger, store: () => writer.file() });
  const writer = createWriter({
    open() {
      const sqlite = load();
      return 'kind' in sqlite ? { trouble: sqlite } : openFile({ sqlite, config, stateDir, now, logger });
    },
    running: () => ({
      batches: [...batches.values()].map(({ record }) => record),
      writes: [...running].filter(({ head }) => head.class !== 'read'),
    }),
    onWritten: () => trimmer.written(),
    logger,
  });
  let isClosed = false;

  const put = (record: CallRecord): void => {
    if (record.head.class === 'read') writer.read(record);
    else writer.write(record);
  };

  const begin = (head: CallHead): JournaledCall => {
    const record: CallRecord = { head, startedAt: now() };
    if (!isClosed) running.add(record);
    const settle: JournaledCall['settle'] = (end) => {
      if (isClosed) return;
      running.delete(record);
      record.end = toRecordedEnd(end, now());
      put(record);
      const { batchId, callId } = head;
      const budget = batchId === undefined ? undefined : batches.get(batchId)?.budget;
      if (batchId === undefined || budget === undefined) return;
      writer.outcome({ batchId, callId, outcome: toKeptOutcome(end.outcome, budget) });
    };
    if (head.class === 'read') return { settle };
    writer.write(record);
    return { written: writer.written(), settle };
  };

  return {
    start: writer.start,
    problem: () => writer.problem(),
    accept(head) {
      const record: BatchRecord = { head, acceptedAt: now() };
      batches.set(head.batchId, { record });
      writer.batch(record);
    },
    claim(batch) {
      // What has ended this instant is looked for in the file, too.
      const problem = writer.writeNow();
      const store = writer.file();
      const sqlite = load();
      if ('kind' in sqlite || store === undefined || problem !== undefined) {
        return { kind: 'unrecorded', reason: problem ?? 'the journal is closed' };
      }
      return claimKey(batch, {
        sqlite,
        stateDir,
        store,
        nowMs: now(),
        isRunning: (batchId) => batches.has(batchId),
        accept() {
          const { key: _key, scope: _scope, digest, ...head } = batch;
          const record: BatchRecord = { head, acceptedAt: now(), keyed: { key: keyOf(batch), digest } };
          writer.batch(record);
          const reason =
            writer.writeNow() ?? (writer.has(record) ? undefined : `${head.batchId} is the id of another batch`);
          if (reason === undefined) batches.set(head.batchId, { record, budget: { chars: 0 } });
          else writer.withdraw(record);
          return reason;
        },
      });
    },
    begin,
    keep(batchId, unsent) {
      const budget = batches.get(batchId)?.budget;
      if (budget === undefined) return undefined;
      for (const [callId, outcome] of unsent) {
        writer.outcome({ batchId, callId, outcome: toKeptOutcome(outcome, budget) });
      }
      return writer.writeNow();
    },
    end(batchId, end) {
      const found = batches.get(batchId);
      if (found === undefined) return undefined;
      batches.delete(batchId);
      endBatch(found.record, end, now());
      writer.batch(found.record);
      // Whoever has had its reply goes by that: after a crash, nothing of it may happen that the reply says has not.
      return found.record.keyed === undefined ? undefined : writer.writeNow();
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      trimmer.close();
      const endedAt = now();
      for (const record of running) {
        record.interruptedAt = endedAt;
        put(record);
      }
      for (const { record } of batches.values()) {
        record.end = { status: 'interrupted', endedAt, wallMs: endedAt - record.acceptedAt };
        writer.batch(record);
      }
      running.clear();
      batches.clear();
      writer.close();
    },
  };
}
