import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
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
    if ((await isStale(file, staleMs)) && (await removeStale(file, staleMs))) continue;
    if (performance.now() >= endMs) return undefined;
    // Not in step with others, who would meet again and again.
    await setTimeout(lookEveryMs * (0.5 + Math.random()));
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

/**
 * Takes a stale one away. One process at a time: who has found it stale a moment ago could else remove what another has taken since.
 * `false`: another process is at it. Throws where it may not be taken away, which no waiting mends.
 */
async function removeStale(file: string, staleMs: number): Promise<boolean> {
  const own = `${file}.${process.pid}.${randomUUID()}.tmp`;
  try {
    await writeFile(own, '', { mode: 0o600, flag: 'wx' });
    // Looked for after our own is there: of two that begin at once, at least one sees the other.
    if (await isAnotherRemoving(file, own, staleMs)) return false;
    if (await isStale(file, staleMs)) await rm(file, { force: true });
    return true;
  } catch (error) {
    // Windows refuses where somebody is just reading it.
    if (process.platform === 'win32') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * Those that died over it have left theirs, under names that nobody else has. Their numbers may be others' by now, as in a container,
 * where each start has the same: by its age nobody is at it any more, either.
 */
async function isAnotherRemoving(file: string, own: string, staleMs: number): Promise<boolean> {
  const names = await readdir(dirname(file));
  const others = names
    .filter((name) => name.startsWith(`${basename(file)}.`) && name !== basename(own))
    .map((name) => ({
      name,
      pid: Number(/^\.(\d+)\.[0-9a-f-]{36}\.tmp$/.exec(name.slice(basename(file).length))?.[1]),
    }))
    .filter(({ pid }) => pid > 0);
  let isAnother = false;
  for (const { name, pid } of others) {
    const path = join(dirname(file), name);
    if (isAlive(pid) && !(await isOld(path, staleMs))) isAnother = true;
    else await rm(path, { force: true });
  }
  return isAnother;
}

async function isOld(file: string, staleMs: number): Promise<boolean> {
  try {
    return Math.abs(Date.now() - (await stat(file)).mtimeMs) > staleMs;
  } catch {
    // It has just come to its end.
    return false;
  }
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
