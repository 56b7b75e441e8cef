import { createRequire } from 'node:module';
import type Libsql from 'libsql';
import { firstLine, type Trouble } from './trouble.ts';

export type Sqlite = typeof Libsql;

/**
 * Loads SQLite, or says why that is impossible: it is a binary, and there is none for every platform. Required rather than imported, so
 * that a process whose journal is switched off never loads it (15 ms, 9 MB).
 */
export function loadSqlite(): Sqlite | Trouble {
  try {
    return requireSqlite();
  } catch (error) {
    const reason = error instanceof Error ? firstLine(error.message) : String(error);
    const platform = `${process.platform}-${process.arch}`;
    return { kind: 'unavailable', message: `the journal's SQLite cannot be loaded on ${platform}: ${reason}` };
  }
}

function requireSqlite(): Sqlite {
  const sqlite: Sqlite = createRequire(import.meta.url)('libsql');
  return sqlite;
}
