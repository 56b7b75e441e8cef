import { closeSync, fchmodSync, openSync } from 'node:fs';

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
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
