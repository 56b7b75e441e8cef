import { closeSync, openSync, readSync, statSync } from 'node:fs';

const magic = 'SQLite format 3\0';

/**
 * Whether a file begins as one of SQLite does, or is empty or not there; what is no file is not looked into either. SQLite itself is not asked, because it may delete the log beside
 * a file that it cannot read. Only for files that nobody in this process has open: closing one lets go of the process's locks on it.
 */
export function isDatabase(file: string): boolean {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return true;
  const head = Buffer.alloc(magic.length);
  const descriptor = openSync(file, 'r');
  try {
    const bytes = readSync(descriptor, head);
    return bytes === 0 || head.toString('latin1') === magic;
  } finally {
    closeSync(descriptor);
  }
}
