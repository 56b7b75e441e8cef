import type { Problem } from '../../core/place.ts';
import { showPath } from '../find-config.ts';
import { readText } from '../source/read-text.ts';
import type { ReadFile } from '../source/read-bytes.ts';
import type { OnFile } from '../source/read-text.ts';
import type { LockFile } from './lock-file.ts';

/**
 * Largest lock file that is read, in bytes: some 10,000 tools. It is read again while calls run, and the time that takes grows with it.
 */
const maxLockBytes = 4 * 1024 * 1024;

/** Where the reading of a lock file begins: the file, absolute, and the working directory, to which messages shorten it. */
export interface LoadLockOptions {
  cwd: string;
  readFile?: ReadFile;
  onFile?: OnFile;
}

/**
 * Reads the lock file. Where none is there, neither a lock nor a problem; one that is there and cannot be read or understood is a
 * problem with its place, and never the same as none.
 */
export async function loadLock(
  file: string,
  { cwd, readFile, onFile }: LoadLockOptions,
): Promise<{ lock?: LockFile; problems: readonly Problem[] }> {
  onFile?.(file);
  const read = await readText(file, maxLockBytes, readFile);
  const shown = showPath(file, cwd);
  if (!read.ok) {
    return { problems: read.code === 'ENOENT' ? [] : [{ message: `the lock file ${shown} ${read.reason}` }] };
  }
  // Most configurations have no lock file, and start without what reads one.
  const { parseLock } = await import('./parse-lock.ts');
  return parseLock(read.text, shown);
}
