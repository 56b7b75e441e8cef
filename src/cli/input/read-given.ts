import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { usageFailure } from '../failure.ts';

/** The text of a file that was named on the command line. Throws a usage failure that says why it cannot be read. */
export async function readGiven(file: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, file), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw usageFailure(`the file "${file}" ${reason}`, 'check its path');
  }
}
