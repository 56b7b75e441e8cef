import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type Libsql from 'libsql';
import { expect, test, vi } from 'vitest';
import { takeLock } from '../../src/journal/file/file-lock.ts';
import type { OpenFile } from '../../src/journal/file/open-file.ts';
import { createWriter } from '../../src/journal/writer.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { makeDirectorySync } from '../../src/lib/files/make-directory.ts';
import { makeStateDir } from './support.ts';

/** What happens once a file has been made. */
const disk = vi.hoisted(() => ({ afterMaking: (_path: string): void => undefined }));
vi.mock('../../src/journal/file/make-file.ts', async (load) => {
  const real = await load<typeof import('../../src/journal/file/make-file.ts')>();
  const makeFile: typeof real.makeFile = (path) => {
    real.makeFile(path);
    disk.afterMaking(path);
  };
  return { makeFile };
});

const sqlite: typeof Libsql = createRequire(import.meta.url)('libsql');

test('where numbers of files do not hold, so that each journal seems lost, a record costs one file and no endless search', () => {
  let opened = 0;
  const store: OpenFile['store'] = {
    file: 'journal-1.db',
    connection: { exec: () => undefined, run: () => undefined, rows: () => [], close: () => undefined },
    isInPlace: () => true,
    isUntouched: () => true,
    has: () => false,
    write: () => undefined,
  };
  const open = (): { file: OpenFile } => {
    opened += 1;
    return { file: { store, isOurs: () => false, replace: () => ({ store }), close: () => undefined } };
  };
  const logger = createLogger({ level: 'silent', format: 'json', destination: { write: () => undefined } });
  const running = () => ({ batches: [], writes: [] });
  const writer = createWriter({ open, running, onWritten: () => undefined, logger });
  expect(writer.writeNow()).toBeUndefined();
  expect(opened).toBe(2);
});

test('a lock that is deleted and made anew while it is being taken is not believed to be held', () => {
  const file = join(makeStateDir(), 'own.db');
  makeDirectorySync(dirname(file));
  const slowly = new Proxy(sqlite, {
    construct(target, [path]: [string]) {
      const opened = new target(path);
      rmSync(path);
      writeFileSync(path, '');
      return opened;
    },
  });
  const slow = takeLock(slowly, file, { waitMs: 0 });
  const other = takeLock(sqlite, file, { waitMs: 0 });
  expect([slow?.isInPlace(), other?.isInPlace()]).toEqual([false, true]);
  for (const lock of [slow, other]) lock?.release();
  expect(readdirSync(dirname(file))).toEqual(['own.db.lock']);
});

test('a lock that is deleted while it is being taken is no reason to go without a journal', () => {
  const file = join(makeStateDir(), 'own.db');
  makeDirectorySync(dirname(file));
  const once = (path: string): void => {
    rmSync(path);
    disk.afterMaking = () => undefined;
  };
  disk.afterMaking = once;
  const before = takeLock(sqlite, file, { waitMs: 0 });
  expect(before?.isInPlace()).toBe(true);
  before?.release();
  const deleted = new Proxy(sqlite, {
    construct(target, [path]: [string]) {
      const opened = new target(path);
      rmSync(path);
      return opened;
    },
  });
  const after = takeLock(deleted, file, { waitMs: 0 });
  expect(after?.isInPlace()).toBe(false);
  after?.release();
});
