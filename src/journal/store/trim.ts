import { type Connection, inTransaction, numberOf } from '../sqlite/connection.ts';
import { pragma } from './schema.ts';

export interface TrimOptions {
  keepMs: number;
  maxBytes: number;
  /** Wall clock, milliseconds since the epoch. */
  nowMs: number;
}

/** What a step removes at most: some 2 ms. A row may hold hundreds of reads, or the reply of a batch. */
const rowsPerStep = 300;
const bytesPerStep = 500_000;
/** Pages (4 kB) given back to the file system in a step. */
const pagesPerStep = 200;
/** For which a key is kept, and what may be sent again under it. */
const keepKeyMs = 24 * 3_600_000;

/**
 * Removes the oldest records, those over the age first and then, while the file is over its size, others. Each call of what it returns
 * is one step, and says whether there is more to do. What runs stays, as does what a key of the last day needs: that it was used, and
 * what was sent of an interrupted batch. Throws what SQLite says.
 */
export function createTrim(connection: Connection, { keepMs, maxBytes, nowMs }: TrimOptions): () => boolean {
  const keysSince = nowMs - keepKeyMs;
  const calls: Cursor = { table: 'calls', columns: 'seq, at, octet_length(calls)', position: 'seq', from: 0 };
  const batches: Cursor = {
    table: 'batches',
    columns: 'rowid, accepted_at, ifnull(octet_length(report), 0) + ifnull(octet_length(reply), 0)',
    position: 'rowid',
    from: 0,
  };
  const isTooLarge = (): boolean => usedBytes(connection) > maxBytes;

  const removeOldest = (): boolean => {
    const next = [calls, batches]
      .map((cursor) => ({ cursor, chunk: nextChunk(connection, cursor) }))
      .filter((found): found is { cursor: Cursor; chunk: Chunk } => found.chunk !== undefined)
      .sort((a, b) => a.chunk.firstAt - b.chunk.firstAt)[0];
    if (next === undefined) return false;
    const olderThan = isTooLarge() ? Number.MAX_SAFE_INTEGER : nowMs - keepMs;
    if (next.chunk.firstAt >= olderThan) return false;
    const { cursor, chunk } = next;
    const range = [cursor.from, chunk.last, olderThan];
    inTransaction(connection, () => {
      if (cursor.table === 'calls') connection.run(deleteCalls, [...range, keysSince]);
      else {
        connection.run(deleteOutcomes, [...range, keysSince]);
        connection.run(emptyBatches, [...range, keysSince]);
        connection.run(deleteBatches, [...range, keysSince]);
      }
    });
    cursor.from = chunk.last;
    return true;
  };

  return () => {
    if (removeOldest()) return true;
    if (pragma(connection, 'freelist_count') === 0) return false;
    connection.exec(`PRAGMA j.incremental_vacuum(${pagesPerStep})`);
    return pragma(connection, 'freelist_count') > 0;
  };
}

interface Cursor {
  table: 'calls' | 'batches';
  /** Its position, its time, its size. */
  columns: string;
  position: 'seq' | 'rowid';
  /** What stands up to here has been looked at. */
  from: number;
}

interface Chunk {
  last: number;
  firstAt: number;
}

/** The next rows; the newest row of a table is never among them, so that numbers go on rising from it. */
function nextChunk(connection: Connection, { table, columns, position, from }: Cursor): Chunk | undefined {
  const rows = connection.rows(
    `SELECT ${columns} FROM j.${table}
     WHERE ${position} > ? AND ${position} < (SELECT max(${position}) FROM j.${table}) ORDER BY ${position} LIMIT ${rowsPerStep}`,
    [from],
  );
  let chunk: Chunk | undefined;
  let bytes = 0;
  for (const [last, at, size] of rows) {
    bytes += numberOf(size) ?? 0;
    if (chunk !== undefined && bytes > bytesPerStep) break;
    chunk = { last: numberOf(last) ?? 0, firstAt: Math.min(chunk?.firstAt ?? Infinity, numberOf(at) ?? 0) };
  }
  return chunk;
}

const isKeyedAndNew = 'key IS NOT NULL AND (ended_at IS NULL OR ended_at >= ?)';
const deleteCalls = `
DELETE FROM j.calls WHERE seq > ? AND seq <= ? AND at < ? AND is_open IS NULL AND (batch_id IS NULL OR batch_id NOT IN
  (SELECT batch_id FROM j.batches WHERE (ended_at IS NULL OR status = 'interrupted') AND ${isKeyedAndNew}))`;
const deleteBatches = `
DELETE FROM j.batches WHERE rowid > ? AND rowid <= ? AND accepted_at < ? AND ended_at IS NOT NULL AND NOT (${isKeyedAndNew})`;
/** Their keys stay; what makes them large goes. */
const emptyBatches = `
UPDATE j.batches SET reply = NULL, report = NULL
WHERE rowid > ? AND rowid <= ? AND accepted_at < ? AND ended_at IS NOT NULL AND ${isKeyedAndNew}`;
const deleteOutcomes = `
DELETE FROM j.outcomes WHERE batch_id IN
  (SELECT batch_id FROM j.batches WHERE rowid > ? AND rowid <= ? AND accepted_at < ? AND NOT (${isKeyedAndNew}))`;

function usedBytes(connection: Connection): number {
  return (pragma(connection, 'page_count') - pragma(connection, 'freelist_count')) * pragma(connection, 'page_size');
}
