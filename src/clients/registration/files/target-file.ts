import { randomUUID } from 'node:crypto';
import {
  access,
  chmod,
  chown,
  constants,
  lstat,
  mkdir,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import { readRegularFile } from '../../../config/source/read-bytes.ts';
import type { Refused } from '../plan-edit.ts';

/** The file in which one client keeps its servers holds its history too. */
const maxFileBytes = 16 * 1024 * 1024;

export const stale: Refused = {
  ok: false,
  reason: 'has changed in the meantime',
  fix: 'run the command again',
  isStale: true,
};

export type TargetText = { ok: true; text: string | undefined } | Refused;

/** A client's file, to the last sign: a mark of the byte order is part of the text. `text` absent: there is none. Never rejects. */
export async function readTarget(path: string): Promise<TargetText> {
  try {
    const bytes = await readRegularFile(path, maxFileBytes);
    if (bytes.length > maxFileBytes)
      return refused(`is larger than ${maxFileBytes / 1024 / 1024} MiB`, 'make it smaller');
    if (bytes.includes(0)) return refused('is not UTF-8 text', 'save it as UTF-8');
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    const code = codeOf(error);
    // A link that points to nothing is there, and what it means to point to is not ours to make.
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return (await isLink(path))
        ? refused('is a link to a file that is not there', 'mend the link')
        : { ok: true, text: undefined };
    }
    if (error instanceof TypeError) return refused('is not UTF-8 text', 'save it as UTF-8');
    return refused(...reasonOf(code));
  }
}

/**
 * Writes a client's file whole or not at all, where it still says what it said: `from` absent means that it is not there. Links stay
 * links, and the file's permissions its own. Returns the folders that were made, outermost first. Never rejects.
 */
export async function writeTarget(
  path: string,
  { from, to }: { from: string | undefined; to: string },
): Promise<{ ok: true; folders: string[] } | Refused> {
  const now = await readTarget(path);
  if (!now.ok) return now;
  if (now.text !== from) return stale;
  try {
    if (from === undefined) {
      const folders = await makeFolders(dirname(path));
      await writeNew(path, to);
      return { ok: true, folders };
    }
    const file = await realpath(path);
    const { mode, uid, gid } = await stat(file);
    if ((mode & 0o222) === 0) return refused(...reasonOf('EACCES'));
    // Whoever may write the folder could replace a file that is not theirs to write.
    await access(file, constants.W_OK);
    const draft = `${file}.${randomUUID()}.tmp`;
    try {
      await writeFile(draft, to, { flag: 'wx', mode: 0o600 });
      // Written by root, it is still its user's: whose client could not read it otherwise. Others may not give a file away.
      await chown(draft, uid, gid).catch(() => {});
      await chmod(draft, mode);
      await rename(draft, file);
    } finally {
      await rm(draft, { force: true });
    }
    return { ok: true, folders: [] };
  } catch (error) {
    return refused(...reasonOf(codeOf(error)));
  }
}

/** A file that was not there; where the drive is full, half of it does not stay for the client to stumble over. */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') await rm(path, { force: true });
    throw error;
  }
}

/**
 * Removes a file that we made, where it still says what it said, and the folders that we made for it where nothing else has come into
 * them. Never rejects.
 */
export async function removeTarget(
  path: string,
  { from, folders }: { from: string; folders: readonly string[] },
): Promise<{ ok: true } | Refused> {
  const now = await readTarget(path);
  if (!now.ok) return now;
  if (now.text !== undefined && now.text !== from) return stale;
  try {
    await rm(path, { force: true });
  } catch (error) {
    return refused(...reasonOf(codeOf(error)));
  }
  for (const folder of folders.toReversed()) {
    const names = await readdir(folder).catch(() => ['?']);
    if (names.length === 0) await rmdir(folder).catch(() => {});
  }
  return { ok: true };
}

async function makeFolders(folder: string): Promise<string[]> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return [];
  const made: string[] = [];
  for (let at = folder; at.length >= first.length; at = dirname(at)) made.unshift(at);
  return made;
}

/** Whether a link stands there, whatever it points to. Never rejects. */
export async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

function refused(reason: string, fix: string): Refused {
  return { ok: false, reason, fix };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}

function reasonOf(code: string): [string, string] {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return [
        'may not be read or written by this user',
        'change its permissions, or add the entry by hand: install --print',
      ];
    case 'EISDIR':
    case 'ENOTREG':
    case 'ENXIO':
      return ['is not a regular file', 'put a file in its place'];
    default:
      return [`could not be read or written (${code})`, 'see install --print for what to add by hand'];
  }
}
