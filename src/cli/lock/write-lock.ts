import { realpath } from 'node:fs/promises';
import { renderLock } from '../../config/lock/render-lock.ts';
import type { LockFile } from '../../config/lock/lock-file.ts';
import { replaceFile } from '../../lib/files/replace-file.ts';
import { CliFailure, exitCodes } from '../failure.ts';

/** Writes the lock file as a whole: who reads it at the same time finds the old one or the new one. Throws CliFailure. */
export async function writeLock(file: string, lock: LockFile): Promise<void> {
  // One that is a link stays one.
  const target = await realpath(file).catch(() => file);
  try {
    await replaceFile(target, renderLock(lock), { mode: 0o644 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliFailure(`the lock file ${file} could not be written (${code})`, {
      exitCode: exitCodes.unexpected,
      code: 'cannot_write',
      fix: 'see whether its folder may be written, or name another file with "lock:" in the configuration',
    });
  }
}
