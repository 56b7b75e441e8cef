import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { withFileLock } from '../../lib/files/file-lock.ts';

/** A file whose text is to be another one. `from` absent: it is not there yet. */
export interface FileChange {
  path: string;
  from?: string;
  to: string;
  /** Holds secrets: it is for its user alone from now on. */
  isPrivate?: boolean;
}

/**
 * Writes a file whole or not at all, and keeps the old one beside it; returns where. Readers see the old text or the new one. A link
 * stays a link. Throws where the file is not what it was when the change was made, or cannot be written.
 */
export async function replaceFile({ path, from, to, isPrivate = false }: FileChange): Promise<string | undefined> {
  if (from === undefined) {
    await mkdir(dirname(path), { recursive: true });
    // Fails where there is a file by now.
    await writeFile(path, to, { flag: 'wx', ...(isPrivate && { mode: 0o600 }) });
    return undefined;
  }
  const file = await realpath(path);
  const change = { path, from, to, isPrivate };
  // Two that have found the same text would each write their own change alone.
  const replaced = await withFileLock(`${file}.busy`, () => replaceAlone(file, change), turn);
  if (replaced === undefined) throw new Error(`${path} is being changed by another process; run the command again`);
  return replaced.backup;
}

/** Another process writes for a moment. */
const turn = { waitMs: 5_000, staleMs: 10_000 };

async function replaceAlone(
  file: string,
  { path, from, to, isPrivate }: Required<FileChange>,
): Promise<{ backup: string }> {
  const before = await stat(file);
  const mode = isPrivate ? before.mode & 0o700 : before.mode & 0o7777;
  if ((await readText(file)) !== from) throw new Error(`${path} has changed in the meantime; run the command again`);
  const backup = await keep(file);
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, to, { flag: 'wx', mode });
    await chmod(draft, mode);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return { backup };
}

/** As the readers of the configuration do: a mark of the byte order at the beginning is none of the text. */
async function readText(file: string): Promise<string> {
  return new TextDecoder().decode(await readFile(file));
}

/** More than anybody keeps. */
const maxBackups = 1_000;

async function keep(file: string): Promise<string> {
  for (let number = 1; number <= maxBackups; number += 1) {
    const backup = number === 1 ? `${file}.bak` : `${file}.${number}.bak`;
    try {
      await copyFile(file, backup, constants.COPYFILE_EXCL);
      return backup;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
  throw new Error(`there are too many backups beside ${file}; remove some`);
}
