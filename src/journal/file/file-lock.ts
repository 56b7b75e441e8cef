import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Sqlite } from '../sqlite/load-sqlite.ts';
import { makeFile } from './make-file.ts';

export interface FileLock {
  /** Whether its file still stands where others look for it; one that was deleted keeps nobody out. */
  isInPlace(): boolean;
  release(): void;
}

export interface LockOptions {
  /** How long to wait for whoever holds it, blocking this process. */
  waitMs: number;
}

/**
 * Takes the lock of `file`, one for all processes: an exclusive transaction on a second, empty file beside it, which the operating system
 * ends with the process, however that ends. `undefined`: somebody holds it. Throws where the lock file cannot be had.
 *
 * Only `exec` here: it is what makes `close` let go at once. And nobody may open the lock file by other means in this process, since
 * closing it would release the lock.
 */
export function takeLock(sqlite: Sqlite, file: string, { waitMs }: LockOptions): FileLock | undefined {
  const taken = tryToTake(sqlite, file, { waitMs });
  // It may have been somebody who only asked whether it is held.
  return taken ?? (isLocked(sqlite, file) ? undefined : tryToTake(sqlite, file, { waitMs: askedMs }));
}

/** Asking takes a tenth of a millisecond; but a process may be made to pause in the middle of it. */
const askedMs = 50;

function tryToTake(sqlite: Sqlite, file: string, { waitMs }: LockOptions): FileLock | undefined {
  const path = lockFile(file);
  makeFile(path);
  // Before it is opened: one that is deleted and made anew in between is not in place. Where it is gone already, it is tried again.
  const ino = statSync(path, { throwIfNoEntry: false })?.ino;
  if (ino === undefined) return undefined;
  const native = new sqlite(path);
  try {
    native.exec(`PRAGMA busy_timeout = ${waitMs}; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE`);
  } catch (error) {
    native.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return {
    isInPlace() {
      try {
        return statSync(path, { throwIfNoEntry: false })?.ino === ino;
      } catch {
        // Where it cannot be told, it is not given up.
        return true;
      }
    },
    release() {
      native.exec('ROLLBACK');
      native.close();
    },
  };
}

/** Whether a process that lives holds the lock of `file`. Asking takes the lock for an instant, shared with others who ask. */
export function isLocked(sqlite: Sqlite, file: string): boolean {
  const path = lockFile(file);
  if (!existsSync(path)) return false;
  const native = new sqlite(path);
  try {
    native.exec('BEGIN; SELECT count(*) FROM sqlite_master; COMMIT');
    return false;
  } catch (error) {
    return isBusy(error);
  } finally {
    native.close();
  }
}

/** Leaves word of who holds the lock, for messages: where that fails, they say less. */
export function leavePid(file: string): () => void {
  const path = `${file}.pid`;
  try {
    writeFileSync(path, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    // The disk is full, which writing the journal itself will tell.
  }
  return () => {
    try {
      rmSync(path, { force: true });
    } catch {
      // The next holder overwrites it.
    }
  };
}

/** `process 1234`, as far as whoever holds the lock has said. */
export function describeHolder(file: string): string {
  try {
    const pid = Number(readFileSync(`${file}.pid`, 'utf8'));
    if (Number.isSafeInteger(pid) && pid > 0) return `process ${pid}`;
  } catch {
    // It has just taken the lock, and says next who it is.
  }
  return 'another process';
}

function lockFile(file: string): string {
  return `${file}.lock`;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}
