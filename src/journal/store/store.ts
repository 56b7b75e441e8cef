import { statSync } from 'node:fs';
import type { BatchRecord } from '../records/batch-record.ts';
import { type CallRecord, type StoredCall, toStoredCall } from '../records/call-record.ts';
import { type Connection, inTransaction, numberOf, textOf } from '../sqlite/connection.ts';
import { pragma } from './schema.ts';

/** What one transaction writes. */
export interface Change {
  batches: readonly BatchRecord[];
  /** Calls that can change something, begun or ended: as they stand now. */
  writes: readonly CallRecord[];
  /** Calls that read, ended. */
  reads: readonly CallRecord[];
  outcomes: readonly { batchId: string; callId: string; outcome: string }[];
  /** It must survive a power cut, and not just this process. */
  isDurable: boolean;
}

/** A journal's file, open for writing. Everything throws what SQLite says. */
export interface Store {
  readonly file: string;
  readonly connection: Connection;
  /** Whether the file still stands where it was opened. */
  isInPlace(): boolean;
  /** Whether no other connection has written the file since it was opened here. */
  isUntouched(): boolean;
  /** Whether the batch has a row here: one whose id another has had gets none. */
  has(batch: BatchRecord): boolean;
  /** All of it or nothing. */
  write(change: Change): void;
}

export interface StoreOptions {
  file: string;
  arguments: 'digest' | 'full';
}

export function createStore(connection: Connection, options: StoreOptions): Store {
  /** Where each write stands; those of an earlier file are not among them, and so are written anew, whole. */
  const seqs = new WeakMap<CallRecord, number>();
  const placedBatches = new WeakSet<BatchRecord>();
  // First: what is written after it was read is somebody else's.
  const version = pragma(connection, 'data_version');
  let lastSeq = numberOf(connection.rows('SELECT max(seq) FROM j.calls')[0]?.[0]) ?? 0;
  let isSyncing: boolean | undefined;
  const { ino } = statSync(options.file);

  const sync = (isDurable: boolean): void => {
    if (isSyncing === isDurable) return;
    connection.exec(`PRAGMA j.synchronous = ${isDurable ? 'FULL' : 'NORMAL'}`);
    isSyncing = isDurable;
  };

  return {
    file: options.file,
    connection,
    isInPlace() {
      try {
        return statSync(options.file, { throwIfNoEntry: false })?.ino === ino;
      } catch {
        // Where it cannot be told, writing tells what is wrong.
        return true;
      }
    },
    isUntouched: () => pragma(connection, 'data_version') === version,
    has: (batch) => placedBatches.has(batch),
    write({ batches, writes, reads, outcomes, isDurable }) {
      const placed = new Map<CallRecord, number>();
      const inserted: BatchRecord[] = [];
      let seq = lastSeq;
      sync(isDurable);
      inTransaction(connection, () => {
        for (const record of writes) {
          const own = seqs.get(record) ?? ++seq;
          placed.set(record, own);
          const isOpen = record.end === undefined && record.interruptedAt === undefined ? 1 : null;
          const call = toStoredCall(record, options);
          connection.run(callSql, [own, record.head.batchId ?? null, call.startedAt, isOpen, JSON.stringify([call])]);
        }
        for (const [batchId, records] of groupByBatch(reads)) {
          const calls = records.map((record) => toStoredCall(record, options));
          seq += calls.length;
          connection.run(callSql, [seq, batchId ?? null, latestStart(calls), null, JSON.stringify(calls)]);
        }
        for (const { batchId, callId, outcome } of outcomes) connection.run(outcomeSql, [batchId, callId, outcome]);
        // Last, since a batch that ends takes its outcomes along.
        for (const batch of batches) {
          if (placedBatches.has(batch)) updateBatch(connection, batch);
          else if (insertBatch(connection, batch)) inserted.push(batch);
        }
      });
      lastSeq = seq;
      for (const [record, own] of placed) seqs.set(record, own);
      for (const batch of inserted) placedBatches.add(batch);
    },
  };
}

const callSql = 'INSERT OR REPLACE INTO j.calls (seq, batch_id, at, is_open, calls) VALUES (?, ?, ?, ?, ?)';
const outcomeSql = 'INSERT OR REPLACE INTO j.outcomes (batch_id, call_id, outcome) VALUES (?, ?, ?)';
const takenSql = 'SELECT accepted_at, CAST(key AS BLOB) FROM j.batches WHERE batch_id = ?';
const insertSql = `
INSERT INTO j.batches (batch_id, principal, tool, calls, accepted_at, key, digest, ended_at, status, wall_ms, report, reply)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const updateSql =
  'UPDATE j.batches SET ended_at = ?, status = ?, wall_ms = ?, report = ?, reply = ? WHERE batch_id = ?';

/**
 * False where another batch has the id: ids are drawn by chance, and what is said of that one stays so. Its own row from before, which
 * another process may have taken for interrupted, is gone on with.
 */
function insertBatch(connection: Connection, batch: BatchRecord): boolean {
  const { head, acceptedAt, keyed } = batch;
  const [taken] = connection.rows(takenSql, [head.batchId]);
  if (taken !== undefined) {
    if (numberOf(taken[0]) !== acceptedAt || textOf(taken[1]) !== keyed?.key) return false;
    updateBatch(connection, batch);
    return true;
  }
  const begin = [head.batchId, head.principal, head.tool, head.calls, acceptedAt];
  connection.run(insertSql, [...begin, keyed?.key ?? null, keyed?.digest ?? null, ...endOf(batch)]);
  dropOutcomes(connection, batch);
  return true;
}

function updateBatch(connection: Connection, batch: BatchRecord): void {
  connection.run(updateSql, [...endOf(batch), batch.head.batchId]);
  dropOutcomes(connection, batch);
}

function endOf({ end }: BatchRecord): (string | number | null)[] {
  return [end?.endedAt ?? null, end?.status ?? null, end?.wallMs ?? null, end?.report ?? null, end?.reply ?? null];
}

/** Its reply says it all from its end on; only an interrupted batch goes on with what its calls had. */
function dropOutcomes(connection: Connection, { head, keyed, end }: BatchRecord): void {
  if (keyed === undefined || end === undefined || end.status === 'interrupted') return;
  connection.run('DELETE FROM j.outcomes WHERE batch_id = ?', [head.batchId]);
}

function groupByBatch(records: readonly CallRecord[]): Map<string | undefined, CallRecord[]> {
  const groups = new Map<string | undefined, CallRecord[]>();
  for (const record of records) {
    const group = groups.get(record.head.batchId);
    if (group === undefined) groups.set(record.head.batchId, [record]);
    else group.push(record);
  }
  return groups;
}

function latestStart(calls: readonly StoredCall[]): number {
  return calls.reduce((latest, { startedAt }) => Math.max(latest, startedAt), 0);
}
