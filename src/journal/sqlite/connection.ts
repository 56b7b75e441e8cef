import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Sqlite } from './load-sqlite.ts';

/** What may be bound to a statement. The binding aborts the process where it is given a boolean. */
export type Bindable = string | number | null;

/** Bytes where text is meant: see `textOf`. */
export type Cell = number | string | Uint8Array | null;

/** A file of SQLite, attached as `j`. All of it throws what SQLite says; see `toTrouble`. */
export interface Connection {
  /** Runs statements without values. */
  exec(sql: string): void;
  /** Runs a statement that is prepared once. */
  run(sql: string, values: readonly Bindable[]): void;
  /** Text must be selected as `CAST(… AS BLOB)`. */
  rows(sql: string, values?: readonly Bindable[]): Cell[][];
  close(): void;
}

export interface ConnectionOptions {
  /** `write` wants the file to be there, as `read` does, so that its mode is ours to choose. */
  mode: 'read' | 'write';
  /** How long a statement waits for another process that is in the middle of its own. */
  waitMs: number;
}

/** Another process's transactions take a few milliseconds; who waits blocks this process. */
export const defaultWaitMs = 250;

/**
 * Opens a file. It is attached to a connection in memory, because closing a connection that has prepared statements lets go of nothing
 * until they are collected as garbage, whereas detaching closes the file at once.
 */
export function openConnection(sqlite: Sqlite, file: string, { mode, waitMs }: ConnectionOptions): Connection {
  // Opening a pipe waits for whoever writes into it, and nothing ends that: neither a limit nor a signal.
  if (!statSync(file).isFile()) throw new Error('it is not a regular file');
  const native = new sqlite(':memory:');
  const uri = `${pathToFileURL(file).href}?mode=${mode === 'read' ? 'ro' : 'rw'}`;
  native.exec(`PRAGMA busy_timeout = ${waitMs}`);
  native.exec(`ATTACH '${uri.replaceAll("'", "''")}' AS j`);
  const prepared = new Map<string, ReturnType<typeof native.prepare>>();
  const prepare = (sql: string): ReturnType<typeof native.prepare> => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const statement = native.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
  return {
    exec: (sql) => void native.exec(sql),
    run: (sql, values) => void prepare(sql).run(values),
    rows: (sql, values = []) => prepare(sql).raw().all(values).map(toCells),
    close() {
      if (native.inTransaction) native.exec('ROLLBACK');
      native.exec('DETACH j');
      native.close();
    },
  };
}

/** Runs `change` as one transaction. */
export function inTransaction<T>(connection: Connection, change: () => T): T {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = change();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

/**
 * Text of a cell. The binding aborts the process when it meets text that is not UTF-8, as a damaged file may hold, so text is read as
 * bytes; what is broken in it becomes replacement characters.
 */
export function textOf(cell: Cell | undefined): string | undefined {
  if (typeof cell === 'string') return cell;
  return cell instanceof Uint8Array ? Buffer.from(cell).toString('utf8') : undefined;
}

export function numberOf(cell: Cell | undefined): number | undefined {
  return typeof cell === 'number' ? cell : undefined;
}

function toCells(row: unknown): Cell[] {
  return Array.isArray(row) ? row.map(toCell) : [];
}

function toCell(value: unknown): Cell {
  if (typeof value === 'number' || typeof value === 'string') return value;
  return value instanceof Uint8Array ? value : null;
}

function rollBack(connection: Connection): void {
  try {
    connection.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself, as it does when the disk is full.
  }
}
