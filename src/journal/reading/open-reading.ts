import { existsSync } from 'node:fs';
import type { LoggedBatch, LoggedCall } from '../../core/journal.ts';
import { isJsonObject } from '../../core/json.ts';
import { isLocked } from '../file/file-lock.ts';
import { type Cell, type Connection, defaultWaitMs, numberOf, openConnection, textOf } from '../sqlite/connection.ts';
import type { Sqlite } from '../sqlite/load-sqlite.ts';
import { type Trouble, toTrouble } from '../sqlite/trouble.ts';
import { checkSchema } from '../store/schema.ts';
import { callColumns, toLoggedCalls } from '../store/stored-calls.ts';
import { type CallFilter, matches, toCondition } from './call-filter.ts';

/** One file, open for reading while another process may write it. Throws what SQLite says. */
export interface Reading {
  /** The latest that match, in any order; some more than `limit` where a row holds several. */
  latest(filter: CallFilter, limit: number): LoggedCall[];
  /** Those in the rows with these numbers, and in all rows after `seq`. */
  since(seq: number, rows: readonly number[]): LoggedCall[];
  lastSeq(): number;
  /** The latest, the newest first. */
  batches(filter: BatchFilter): LoggedBatch[];
  close(): void;
}

/** Which batches are wanted; what is absent does not matter. */
export interface BatchFilter {
  /** How its id begins. */
  idPrefix?: string;
  /** Accepted then or later; milliseconds since the epoch. */
  since?: number;
  limit: number;
}

/** Rows parsed at once. */
const pageRows = 256;

/** Opens a journal; `undefined` where there is none. */
export function openReading(sqlite: Sqlite, file: string): Reading | Trouble | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const connection = openConnection(sqlite, file, { mode: 'read', waitMs: defaultWaitMs });
    const found = checkSchema(connection, file);
    if (found === 'ours') return toReading(connection, () => isLocked(sqlite, file));
    connection.close();
    return found === 'empty' ? undefined : found;
  } catch (error) {
    const trouble = toTrouble(error, file);
    if (trouble.kind !== 'unwritable') return trouble;
    return { ...trouble, message: trouble.message.replace('cannot be written', 'cannot be read') };
  }
}

function toReading(connection: Connection, isLocked: () => boolean): Reading {
  // Asked only where something has not ended, and then for all of it.
  let isAlive: boolean | undefined;
  const standing = <T extends { status: string }>(open: T): T => {
    isAlive ??= isLocked();
    return isAlive ? open : { ...open, status: 'interrupted' };
  };
  const toCalls = (row: Cell[]): LoggedCall[] =>
    toLoggedCalls(row).map((call) => (call.status === 'running' ? standing(call) : call));

  return {
    latest(filter, limit) {
      const { sql, values } = toCondition(filter);
      const found: LoggedCall[] = [];
      let before = Number.MAX_SAFE_INTEGER;
      while (found.length < limit) {
        const rows = connection.rows(
          `SELECT ${callColumns} FROM j.calls WHERE seq < ? AND ${sql} ORDER BY seq DESC LIMIT ${pageRows}`,
          [before, ...values],
        );
        found.push(...rows.flatMap(toCalls).filter((call) => matches(call, filter)));
        if (rows.length < pageRows) break;
        before = numberOf(rows.at(-1)?.[0]) ?? 0;
      }
      return found;
    },
    since(seq, rows) {
      isAlive = undefined;
      const after = connection.rows(`SELECT ${callColumns} FROM j.calls WHERE seq > ? ORDER BY seq`, [seq]);
      const known = rows.flatMap((row) => connection.rows(`SELECT ${callColumns} FROM j.calls WHERE seq = ?`, [row]));
      return [...known, ...after].flatMap(toCalls);
    },
    lastSeq: () => numberOf(connection.rows('SELECT max(seq) FROM j.calls')[0]?.[0]) ?? 0,
    batches: ({ idPrefix = '', since = 0, limit }) =>
      connection
        .rows(batchSql, [idPrefix.length, idPrefix, since, limit])
        .map(toLoggedBatch)
        .map((batch) => (batch.status === 'running' ? standing(batch) : batch)),
    close: () => connection.close(),
  };
}

const batchSql = `
SELECT CAST(batch_id AS BLOB), CAST(principal AS BLOB), CAST(tool AS BLOB), calls, accepted_at, ended_at, CAST(status AS BLOB),
  wall_ms, CAST(report AS BLOB)
FROM j.batches WHERE substr(batch_id, 1, ?) = ? AND accepted_at >= ? ORDER BY rowid DESC LIMIT ?`;

function toLoggedBatch(row: readonly Cell[]): LoggedBatch {
  const [batchId, principal, tool, calls, acceptedAt, ended, status, wall, reportText] = row;
  const endedAt = numberOf(ended);
  const wallMs = numberOf(wall);
  const report = parse(textOf(reportText));
  return {
    batchId: textOf(batchId) ?? '',
    principal: textOf(principal) ?? '',
    tool: textOf(tool) ?? '',
    calls: numberOf(calls) ?? 0,
    acceptedAt: numberOf(acceptedAt) ?? 0,
    status: statuses.find((known) => known === textOf(status)) ?? 'running',
    ...(endedAt !== undefined && { endedAt }),
    ...(wallMs !== undefined && { wallMs }),
    ...(isJsonObject(report) && { report }),
  };
}

const statuses = ['completed', 'cancelled', 'interrupted'] as const;

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
