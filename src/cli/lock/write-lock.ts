import { readFile, realpath } from 'node:fs/promises';
import { parseLock } from '../../config/lock/parse-lock.ts';
import { renderLock } from '../../config/lock/render-lock.ts';
import type { LockFile } from '../../config/lock/lock-file.ts';
import { withFileLock } from '../../lib/files/file-lock.ts';
import { replaceFile } from '../../lib/files/replace-file.ts';
import { CliFailure, exitCodes } from '../failure.ts';

/** Another process writes for a moment. */
const turn = { waitMs: 5000, staleMs: 10_000 };

/**
 * Writes the lock file as a whole: who reads it at the same time finds the old one or the new one. Not where it is no longer `before`, on
 * which the new one rests: what somebody else has accepted or taken back meanwhile would be lost. Throws CliFailure.
 */
export async function writeLock(
  file: string,
  lock: LockFile,
  { before }: { before: LockFile | undefined },
): Promise<void> {
  // One that is a link stays one.
  const target = await realpath(file).catch(() => file);
  try {
    const isWritten = await withFileLock(
      `${target}.busy`,
      async () => {
        if (!(await isAs(target, before))) return false;
        await replaceFile(target, renderLock(lock), { mode: 0o644 });
        return true;
      },
      turn,
    );
    if (isWritten !== true) {
      throw new CliFailure(`the lock file ${file} has changed in the meantime, so nothing was written`, {
        exitCode: exitCodes.unexpected,
        code: 'lock_changed',
        fix: 'run the command again',
      });
    }
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CliFailure(`the lock file ${file} could not be written (${code})`, {
      exitCode: exitCodes.unexpected,
      code: 'cannot_write',
      fix: 'see whether its folder may be written, or name another file with "lock:" in the configuration',
    });
  }
}

async function isAs(file: string, before: LockFile | undefined): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  const now = text === undefined ? undefined : parseLock(text.replace(/^\uFEFF/, ''), file).lock;
  if (now === undefined || before === undefined) return text === undefined && before === undefined;
  return renderLock(now) === renderLock(before);
}
