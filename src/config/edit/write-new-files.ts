import { rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDirectory } from '../../lib/files/make-directory.ts';

/** A file that is not there yet. */
export interface NewFile {
  path: string;
  text: string;
  /** Holds secrets: for its user alone. */
  isPrivate?: boolean;
}

/**
 * Writes files in this order, all or none of them: where one cannot be written, those before it are removed again, with the folders that
 * were made for them. Never writes over a file. Throws Node's error.
 */
export async function writeNewFiles(files: readonly NewFile[]): Promise<void> {
  const written: string[] = [];
  try {
    for (const { path, text, isPrivate = false } of files) {
      await makeDirectory(dirname(path));
      // Fails where there is a file by now; the rest of a half-written one goes below.
      await writeFile(path, '', { flag: 'wx', mode: isPrivate ? 0o600 : 0o644 });
      written.push(path);
      await writeFile(path, text);
    }
  } catch (error) {
    for (const path of written.toReversed()) await rm(path, { force: true });
    // Only empty ones go, so that nothing of anybody else's can.
    for (const folder of new Set(files.map(({ path }) => dirname(path)))) await rmdir(folder).catch(() => undefined);
    throw error;
  }
}
