import { type Connection, inTransaction, numberOf } from '../sqlite/connection.ts';
import type { Trouble } from '../sqlite/trouble.ts';

/** Rises with every change that an older program could not read or write. */
const schemaVersion = 1;
/** Says that a file of SQLite is a journal of ours: the bytes of "mcpj". */
const applicationId = 0x6d63706a;

/**
 * A row of `calls` holds one call that can change something, or reads of one batch (or of none) that were written together; `calls` is a
 * JSON array of them, and `seq` that of the last. One row for many is what makes recording a read cheaper than sending it by far.
 * `outcomes` has the results of calls whose batch could be sent again, under its key, after a crash.
 */
const tables = `
CREATE TABLE j.batches (
  batch_id TEXT PRIMARY KEY, principal TEXT NOT NULL, tool TEXT NOT NULL, calls INTEGER NOT NULL, accepted_at INTEGER NOT NULL,
  key TEXT, digest TEXT, ended_at INTEGER, status TEXT, wall_ms REAL, report TEXT, reply TEXT
);
CREATE INDEX j.batches_by_key ON batches (key) WHERE key IS NOT NULL;
CREATE INDEX j.open_batches ON batches (accepted_at) WHERE ended_at IS NULL;
CREATE TABLE j.calls (seq INTEGER PRIMARY KEY, batch_id TEXT, at INTEGER NOT NULL, is_open INTEGER, calls TEXT NOT NULL);
CREATE INDEX j.calls_by_batch ON calls (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX j.open_calls ON calls (at) WHERE is_open IS NOT NULL;
CREATE TABLE j.outcomes (batch_id TEXT, call_id TEXT, outcome TEXT NOT NULL, PRIMARY KEY (batch_id, call_id));
PRAGMA j.application_id = ${applicationId};
PRAGMA j.user_version = ${schemaVersion};
`;

/** Whether a file can be read as a journal: `empty` has nothing in it yet. */
export function checkSchema(connection: Connection, file: string): 'ours' | 'empty' | Trouble {
  const version = pragma(connection, 'user_version');
  const isOurs = pragma(connection, 'application_id') === applicationId;
  if (!isOurs && countTables(connection) === 0) return 'empty';
  if (!isOurs) return { kind: 'foreign', message: `${file} is a database of another program` };
  if (version > schemaVersion) {
    const message = `${file} was written by a newer mcp-marshal (journal version ${version}, this one writes ${schemaVersion})`;
    return { kind: 'newer', message };
  }
  return 'ours';
}

/** Makes an attached file a journal, and sets how this connection writes it. */
export function prepareSchema(connection: Connection, { isEmpty }: { isEmpty: boolean }): void {
  // Before anything else, write-ahead mode included: a file that has a first page keeps its kind of vacuum.
  if (isEmpty) connection.exec('PRAGMA j.auto_vacuum = INCREMENTAL');
  connection.rows('PRAGMA j.journal_mode = WAL');
  // In small steps (1 MB), since the commit that sets one off waits for it; and a log that grew in a burst is cut back.
  connection.rows('PRAGMA j.wal_autocheckpoint = 250');
  connection.rows('PRAGMA j.journal_size_limit = 4194304');
  if (isEmpty) {
    inTransaction(connection, () => {
      // Another process may have made them meanwhile.
      if (countTables(connection) === 0) connection.exec(tables);
    });
  }
}

export function pragma(connection: Connection, name: string): number {
  return numberOf(connection.rows(`PRAGMA j.${name}`)[0]?.[0]) ?? 0;
}

function countTables(connection: Connection): number | undefined {
  return numberOf(connection.rows('SELECT count(*) FROM j.sqlite_master')[0]?.[0]);
}
