import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a directory for its user alone (0700), and those above it. As mkdir's `recursive`, which tries for ever where a file system
 * says that a parent is missing although it is there (/proc).
 */
export async function makeDirectory(path: string): Promise<void> {
  const parent = dirname(path);
  if ((await isMade(path)) || parent === path) return;
  await makeDirectory(parent);
  // Another process, or another part of this one, may have made it meanwhile.
  if (!(await isMade(path))) throw cannotBeMade(path);
}

/** As `makeDirectory`, before anything else is done. */
export function makeDirectorySync(path: string): void {
  const parent = dirname(path);
  if (isMadeSync(path) || parent === path) return;
  makeDirectorySync(parent);
  if (!isMadeSync(path)) throw cannotBeMade(path);
}

async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    return isThere(error);
  }
}

function isMadeSync(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    return isThere(error);
  }
}

/** What an error of mkdir says. `false`: what is above it is missing. */
function isThere(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EEXIST') return true;
  if (code === 'ENOENT') return false;
  throw error;
}

function cannotBeMade(path: string): Error {
  return Object.assign(new Error(`${path} cannot be made`), { code: 'ENOENT' });
}
