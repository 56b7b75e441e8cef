import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeDirectory } from './make-directory.ts';

export interface FileLockOptions {
  /** How long to wait for another process that holds it. */
  waitMs: number;
  /** A lock that was taken longer ago is nobody's: what is done under it is over sooner. */
  staleMs: number;
}

const lookEveryMs = 50;

/**
 * Does `work` while no other process does any under the same lock, a file. `undefined`: it was not to be had in time. Whoever ends without
 * giving it back loses it: at once where its process has gone, and else when its time is over.
 */
export async function withFileLock<T>(
  file: string,
  work: () => Promise<T>,
  { waitMs, staleMs }: FileLockOptions,
): Promise<T | undefined> {
  const mark = `${process.pid} ${randomUUID()}`;
  const endMs = performance.now() + waitMs;
  await makeDirectory(dirname(file));
  while (!(await take(file, mark))) {
    if (await isStale(file, staleMs)) await removeStale(file, staleMs);
    else if (performance.now() >= endMs) return undefined;
    else await setTimeout(lookEveryMs);
  }
  try {
    return await work();
  } finally {
    // Who was too slow has lost it, perhaps to another.
    if ((await readMark(file)) === mark) await rm(file, { force: true });
  }
}

async function take(file: string, mark: string): Promise<boolean> {
  try {
    await writeFile(file, mark, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(file: string, staleMs: number): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(file);
    if (Math.abs(Date.now() - mtimeMs) > staleMs) return true;
    const pid = Number((await readMark(file))?.split(' ')[0]);
    // Written a moment ago and still empty.
    return Number.isSafeInteger(pid) && pid > 0 && !isAlive(pid);
  } catch {
    return false;
  }
}

/** Takes it away under another name first: two that find it stale could else remove what the first of them has taken since. */
async function removeStale(file: string, staleMs: number): Promise<void> {
  const aside = `${file}.${randomUUID()}.tmp`;
  try {
    await rename(file, aside);
    if (!(await isStale(aside, staleMs))) await link(aside, file);
  } catch {
    // Another one was faster.
  }
  await rm(aside, { force: true });
}

function readMark(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
