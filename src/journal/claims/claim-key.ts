import { existsSync, statSync } from 'node:fs';
import type { Claim, KeyedBatch } from '../../core/journal.ts';
import { makeDirectorySync } from '../../lib/files/make-directory.ts';
import { isLocked, takeLock } from '../file/file-lock.ts';
import { existingFiles, journalFolder } from '../file/journal-files.ts';
import { keyOf } from '../records/batch-record.ts';
import { defaultWaitMs, openConnection } from '../sqlite/connection.ts';
import type { Sqlite } from '../sqlite/load-sqlite.ts';
import { toTrouble } from '../sqlite/trouble.ts';
import { checkSchema } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { decideClaim, type JudgedHolder } from './decide-claim.ts';
import { findKey, type KeyHolder } from './find-key.ts';

export interface ClaimOptions {
  sqlite: Sqlite;
  stateDir: string;
  /** This process's own file. */
  store: Store;
  /** Wall clock, milliseconds since the epoch. */
  nowMs: number;
  /** Whether a batch runs in this process. */
  isRunning: (batchId: string) => boolean;
  /** Puts the batch on disk, as the key's; says why where that failed. */
  accept: () => string | undefined;
}

/** A turn takes some milliseconds, on a busy disk a tenth of a second; several programs may want theirs at once. Who waits blocks this process. */
const turnWaitMs = 1_000;

/** Counted from the end of the batch. */
const keepKeyMs = 24 * 3_600_000;

/**
 * Looks for a batch's key in every journal of the state folder and, where it is free, or was held by a process that has gone, takes it.
 * All processes take turns at this, so that two that ask at once do not both find it free. Never throws.
 */
export function claimKey(batch: KeyedBatch, options: ClaimOptions): Claim {
  const folder = journalFolder(options.stateDir);
  try {
    makeDirectorySync(folder);
    const turn = takeLock(options.sqlite, `${folder}/claims`, { waitMs: turnWaitMs });
    if (turn === undefined)
      return { kind: 'unrecorded', reason: 'another process is at the journals, and does not end' };
    try {
      const claim = decideClaim(batch, findHolders(keyOf(batch), options));
      if (claim.kind !== 'new' && claim.kind !== 'interrupted') return claim;
      const reason = options.accept();
      return reason === undefined ? claim : { kind: 'unrecorded', reason };
    } finally {
      turn.release();
    }
  } catch (error) {
    return { kind: 'unrecorded', reason: toTrouble(error, options.store.file).message };
  }
}

function findHolders(key: string, options: ClaimOptions): JudgedHolder[] {
  const { sqlite, store, nowMs, isRunning } = options;
  const sinceMs = nowMs - keepKeyMs;
  const judge = (holders: readonly KeyHolder[], isAlive: (batchId: string) => 'here' | 'elsewhere' | 'interrupted') =>
    holders.map((holder): JudgedHolder => ({
      ...holder,
      state: holder.state === 'open' ? isAlive(holder.batchId) : holder.state,
    }));
  const own = judge(findKey(store.connection, { key, sinceMs }), (batchId) =>
    isRunning(batchId) ? 'here' : 'interrupted',
  );
  const others = existingFiles(options.stateDir).filter((file) => file !== store.file && isRecent(file, sinceMs));
  return [
    ...own,
    ...others.flatMap((file) =>
      judge(findElsewhere(sqlite, file, { key, sinceMs }), () =>
        isLocked(sqlite, file) ? 'elsewhere' : 'interrupted',
      ),
    ),
  ];
}

/** A damaged file is set aside by whoever opens it next; until then it says nothing. */
function findElsewhere(sqlite: Sqlite, file: string, wanted: { key: string; sinceMs: number }): KeyHolder[] {
  try {
    const connection = openConnection(sqlite, file, { mode: 'read', waitMs: defaultWaitMs });
    try {
      return checkSchema(connection, file) === 'ours' ? findKey(connection, wanted) : [];
    } finally {
      connection.close();
    }
  } catch (error) {
    if (toTrouble(error, file).kind === 'corrupt') return [];
    throw error;
  }
}

function isRecent(file: string, sinceMs: number): boolean {
  return [file, `${file}-wal`].some((path) => existsSync(path) && statSync(path).mtimeMs >= sinceMs);
}
