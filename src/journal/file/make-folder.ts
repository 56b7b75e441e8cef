import { closeSync, fchmodSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a directory for its user alone (0700), and those above it. As mkdir's `recursive`, which tries for ever where a file system
 * says that a parent is missing although it is there (/proc).
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}

/**
 * Makes an empty file for its user alone (0600) where there is none, whatever the umask. One that is there is not even opened: closing it
 * again would let go of the locks that this process holds on it.
 */
export function makeFile(path: string): void {
  try {
    const descriptor = openSync(path, 'ax', 0o600);
    fchmodSync(descriptor, 0o600);
    closeSync(descriptor);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
