import { chmodSync, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { JournalConfig } from '../../config/config.ts';
import { makeDirectorySync } from '../../lib/files/make-directory.ts';
import type { Logger } from '../../lib/logger.ts';
import { type Connection, defaultWaitMs, openConnection } from '../sqlite/connection.ts';
import type { Sqlite } from '../sqlite/load-sqlite.ts';
import { damaged, type Trouble, toTrouble } from '../sqlite/trouble.ts';
import { recover } from '../store/recover.ts';
import { checkSchema, prepareSchema } from '../store/schema.ts';
import { createStore, type Store } from '../store/store.ts';
import { describeHolder, leavePid, takeLock } from './file-lock.ts';
import { candidateFiles, journalFolder } from './journal-files.ts';
import { isDatabase } from './is-database.ts';
import { makeFile } from './make-file.ts';
import { setAside } from './set-aside.ts';

export interface OpenOptions {
  sqlite: Sqlite;
  config: JournalConfig;
  stateDir: string;
  /** Wall clock, milliseconds since the epoch. */
  now: () => number;
  logger: Logger;
}

/** A journal's file that is ours until it is closed. */
export interface OpenFile {
  store: Store;
  /**
   * Whether nobody else can have it. Where its lock was deleted and nobody has taken the file since, the lock is taken again; else this
   * process has lost the file, and opens another one.
   */
  isOurs(): boolean;
  /** Renames the file, which has turned out to be damaged, and begins a new one in its place. */
  replace(): { store: Store } | { trouble: Trouble };
  close(): void;
}

type Opened = { file: OpenFile } | { trouble: Trouble };

/**
 * Takes the configured file, or the first of those in the state folder that no other process holds and that this program can read.
 * Never throws.
 */
export function openFile(options: OpenOptions): Opened {
  const { config, stateDir, logger } = options;
  const files = config.file === undefined ? candidateFiles(stateDir) : [config.file];
  const passedOver: string[] = [];
  for (const file of files) {
    const opened = attempt(file, () => openOne(file, options));
    if ('file' in opened) {
      if (passedOver.length > 0) logger.info({ file }, `the journal goes to ${file}: ${passedOver.join('; ')}`);
      return opened;
    }
    if (files.length === 1 || !isOnlyThisFile(opened.trouble)) return opened;
    passedOver.push(opened.trouble.message);
  }
  return { trouble: { kind: 'held', message: `no journal file is free: ${passedOver.join('; ')}` } };
}

function openOne(file: string, options: OpenOptions): Opened {
  makeDirectorySync(dirname(file));
  if (options.config.file === undefined) chmodSync(journalFolder(options.stateDir), 0o700);
  const taken = takeLock(options.sqlite, file, { waitMs: 0 });
  if (taken === undefined) return { trouble: { kind: 'held', message: `${file} is held by ${describeHolder(file)}` } };
  let lock = taken;
  const open = (): { store: Store } | { trouble: Trouble } => {
    const opened = isDatabase(file) ? openStore(file, options) : { trouble: damaged(file) };
    return 'trouble' in opened && opened.trouble.kind === 'corrupt' ? beginAnew(file, options) : opened;
  };
  const opened = attempt(file, open);
  if ('trouble' in opened) {
    lock.release();
    return opened;
  }
  let store: Store | undefined = opened.store;
  const forgetPid = leavePid(file);
  const retake = (): boolean => {
    makeDirectorySync(dirname(file));
    const again = takeLock(options.sqlite, file, { waitMs: 0 });
    if (again === undefined) return false;
    lock.release();
    lock = again;
    leavePid(file);
    return store?.isInPlace() === true && store.isUntouched();
  };
  return {
    file: {
      store,
      isOurs() {
        try {
          return lock.isInPlace() || retake();
        } catch {
          // Nobody else can take it there, either; writing tells what is wrong.
          return true;
        }
      },
      replace() {
        if (store !== undefined) closeQuietly(store.connection);
        store = undefined;
        const replaced = beginAnew(file, options);
        if ('store' in replaced) store = replaced.store;
        return replaced;
      },
      close() {
        if (store !== undefined) closeQuietly(store.connection);
        store = undefined;
        if (lock.isInPlace()) forgetPid();
        lock.release();
      },
    },
  };
}

function beginAnew(file: string, options: OpenOptions): { store: Store } | { trouble: Trouble } {
  return attempt(file, () => {
    // The log of a file that was deleted is none of the new one's.
    const isThere = [file, `${file}-wal`].some((path) => existsSync(path));
    const aside = isThere ? setAside(file, options.now()) : undefined;
    if (aside !== undefined) {
      options.logger.warn({ file, aside }, `the journal was damaged: it is kept as ${aside}, and a new one is begun`);
    }
    return openStore(file, options);
  });
}

function openStore(
  file: string,
  { sqlite, config, now, logger }: OpenOptions,
): { store: Store } | { trouble: Trouble } {
  return attempt(file, () => {
    makeFile(file);
    // Only looked at before it is known to be ours: even closing a file that was opened for writing may change it.
    const looking = openConnection(sqlite, file, { mode: 'read', waitMs: defaultWaitMs });
    const found = orClose(looking, () => checkSchema(looking, file));
    closeQuietly(looking);
    if (typeof found === 'object') return { trouble: found };
    closeToOthers(file);
    const connection = openConnection(sqlite, file, { mode: 'write', waitMs: defaultWaitMs });
    return orClose(connection, () => {
      prepareSchema(connection, { isEmpty: found === 'empty' });
      const { batches, calls } = recover(connection, now());
      if (batches + calls > 0) {
        logger.warn({ file, batches, calls }, 'an earlier process ended in the middle of these: they are interrupted');
      }
      return { store: createStore(connection, { file, arguments: config.arguments }) };
    });
  });
}

/** A file that somebody else made may be open to more than its user. */
function closeToOthers(file: string): void {
  for (const path of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(path)) chmodSync(path, 0o600);
}

function orClose<T>(connection: Connection, act: () => T): T {
  try {
    return act();
  } catch (error) {
    closeQuietly(connection);
    throw error;
  }
}

/** Another file can do instead. */
function isOnlyThisFile({ kind }: Trouble): boolean {
  return kind === 'held' || kind === 'newer' || kind === 'foreign';
}

function attempt<T extends object>(file: string, open: () => T): T | { trouble: Trouble } {
  try {
    return open();
  } catch (error) {
    return { trouble: toTrouble(error, file) };
  }
}

function closeQuietly(connection: Connection): void {
  try {
    connection.close();
  } catch {
    // What it says of a damaged file or a full disk has been said.
  }
}
