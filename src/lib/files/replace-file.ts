import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

interface ReplaceOptions {
  /** Of the new file. Default: for its user alone. */
  mode?: number;
  /** Whether it is to survive the power's going once this has resolved. */
  isDurable?: boolean;
}

/** Writes a file whole or not at all: readers see the old text or the new one, never half of one. Rejects with Node's error. */
export async function replaceFile(
  file: string,
  text: string,
  { mode = privateMode, isDurable = false }: ReplaceOptions = {},
): Promise<void> {
  const draft = draftOf(file);
  try {
    const handle = await open(draft, 'wx', mode);
    try {
      await handle.writeFile(text);
      if (isDurable) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
    if (isDurable) await syncFolder(dirname(file));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The same at once, for its user alone. Throws Node's error. */
export function replaceFileSync(file: string, text: string): void {
  const draft = draftOf(file);
  try {
    writeFileSync(draft, text, { mode: privateMode, flag: 'wx' });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

const privateMode = 0o600;

function draftOf(file: string): string {
  return `${file}.${randomUUID()}.tmp`;
}

/** Not every system lets a folder be opened; the file itself is written by then. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
