import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { withFileLock } from '../../../src/lib/files/file-lock.ts';
import { stateFolder } from '../../upstream/auth/auth-support.ts';

/** What happens when a lock that was left behind is about to be taken away, for which another file is written or renamed to. */
const disk = vi.hoisted(() => ({ before: () => {}, after: () => {} }));
vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof import('node:fs/promises')>();
  const around = async <T>(path: unknown, work: () => Promise<T>): Promise<T> => {
    if (!String(path).endsWith('.tmp')) return work();
    disk.before();
    return work().finally(disk.after);
  };
  const rename: typeof real.rename = (from, to) => around(to, () => real.rename(from, to));
  const writeFile: typeof real.writeFile = (path, ...rest) => around(path, () => real.writeFile(path, ...rest));
  return { ...real, rename, writeFile };
});
afterEach(() => void Object.assign(disk, { before: () => {}, after: () => {} }));

const patience = { waitMs: 5000, staleMs: 30_000 };

test('works under one lock follow each other, and leave nothing behind', async () => {
  const folder = stateFolder();
  let inside = 0;
  let most = 0;
  const work = async (): Promise<number> => {
    most = Math.max(most, (inside += 1));
    await setImmediate();
    return (inside -= 1);
  };
  const all = await Promise.all([1, 2, 3, 4].map(() => withFileLock(join(folder, 'a.lock'), work, patience)));
  expect(all).toEqual([0, 0, 0, 0]);
  expect(most).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});

test('a lock that somebody holds is waited for, and given up in time', async () => {
  const file = join(stateFolder(), 'a.lock');
  writeFileSync(file, `${process.pid} other`);
  expect(await withFileLock(file, () => Promise.resolve(1), { waitMs: 60, staleMs: 30_000 })).toBeUndefined();
  expect(existsSync(file)).toBe(true);
});

test("a lock of a process that has gone, or of long ago, is nobody's", async () => {
  const file = join(stateFolder(), 'a.lock');
  writeFileSync(file, `${spawnSync(process.execPath, ['-e', '']).pid} other`);
  expect(await withFileLock(file, () => Promise.resolve(1), patience)).toBe(1);
  writeFileSync(file, `${process.pid} other`);
  utimesSync(file, new Date(0), new Date(0));
  expect(await withFileLock(file, () => Promise.resolve(2), patience)).toBe(2);
  expect(existsSync(file)).toBe(false);
});

test('work that fails gives the lock back, and tells', async () => {
  const file = join(stateFolder(), 'a.lock');
  await expect(withFileLock(file, () => Promise.reject(new Error('broken')), patience)).rejects.toThrow('broken');
  expect(existsSync(file)).toBe(false);
});

test('one that was left behind and may not be taken away is told of at once, and not tried for ever', async () => {
  const file = join(stateFolder(), 'a.lock');
  writeFileSync(file, `${process.pid} other`);
  utimesSync(file, new Date(0), new Date(0));
  disk.before = () => {
    throw Object.assign(new Error('no'), { code: 'EACCES' });
  };
  await expect(withFileLock(file, () => Promise.resolve(1), patience)).rejects.toMatchObject({ code: 'EACCES' });
});

test('one that somebody else has taken since it was found left behind is never out of its place', async () => {
  const file = join(stateFolder(), 'a.lock');
  writeFileSync(file, `${process.pid} other`);
  utimesSync(file, new Date(0), new Date(0));
  let wasThere = true;
  disk.before = () => {
    rmSync(file);
    writeFileSync(file, `${process.pid} faster`);
  };
  disk.after = () => void (wasThere &&= existsSync(file));
  expect(await withFileLock(file, () => Promise.resolve(1), { waitMs: 60, staleMs: 30_000 })).toBeUndefined();
  expect(wasThere).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe(`${process.pid} faster`);
});

test('is had although who once took a lock away died over that, and its number is another program’s by now', async () => {
  const folder = stateFolder();
  const file = join(folder, 'a.lock');
  const left = `${file}.${process.ppid}.${randomUUID()}.tmp`;
  for (const path of [file, left]) {
    writeFileSync(path, `${process.pid} other`);
    utimesSync(path, new Date(0), new Date(0));
  }
  expect(await withFileLock(file, () => Promise.resolve('done'), { waitMs: 60, staleMs: 30_000 })).toBe('done');
  expect(readdirSync(folder)).toEqual([]);
});
