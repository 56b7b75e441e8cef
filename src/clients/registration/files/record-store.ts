import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '../../../core/json.ts';
import { withFileLock } from '../../../lib/files/file-lock.ts';
import { replaceFile } from '../../../lib/files/replace-file.ts';
import { clientIds } from '../../client.ts';
import type { Done } from '../plan-edit.ts';
import type { Target } from '../registration.ts';

/** What was done to a file of a client, and what it was before. */
export interface InstallRecord extends Target, Done {
  /** Whether the file was there. */
  existed: boolean;
  /** Of the file as we left it: while it is that, it is put back to the last byte. */
  afterDigest: string;
  /** Made for it, outermost first. */
  folders: readonly string[];
  /** What our entry starts: another server may have its name by now. */
  words?: readonly string[];
}

/** What is kept of installations, in a folder for its user alone: entries of clients hold secrets. */
export interface RecordStore {
  /** All of them; what cannot be read is passed over. */
  list(): Promise<InstallRecord[]>;
  /** That of a file and a name. */
  find(target: Pick<Target, 'path'>, name: string): Promise<InstallRecord | undefined>;
  /** The text of before; nothing where the file was not there, or it is lost. */
  readBefore(record: Target & { name: string }): Promise<string | undefined>;
  /** Resolves with where the text of before is kept. */
  save(record: InstallRecord, before: string | undefined): Promise<string | undefined>;
  /** With `keepsBefore` the text of before stays, as a backup; resolves with where. */
  remove(record: Target & { name: string }, keep?: { keepsBefore: boolean }): Promise<string | undefined>;
  /** Does `work` while no other process changes a file of a client. `undefined`: another one takes too long over it. */
  alone<T>(work: () => Promise<T>): Promise<T | undefined>;
}

/** One for each client, file and name. */
const maxRecords = 1_000;
/** A client's own command may take a quarter of a minute under it. */
const lockWaitMs = 20_000;
const lockStaleMs = 60_000;

export function createRecordStore(stateDir: string): RecordStore {
  const root = join(stateDir, 'installs');
  const folderOf = ({ path, name }: { path: string; name: string }): string =>
    join(root, createHash('sha256').update(`${path}\0${name}`).digest('hex').slice(0, 16));
  return {
    async list() {
      const names = await readdir(root).catch(() => []);
      const read = names
        .slice(0, maxRecords)
        .map((name) => readFile(join(root, name, 'record.json'), 'utf8').catch(() => ''));
      return (await Promise.all(read)).flatMap(toRecord);
    },
    async find({ path }, name) {
      const text = await readFile(join(folderOf({ path, name }), 'record.json'), 'utf8').catch(() => '');
      return toRecord(text).find((one) => one.path === path && one.name === name);
    },
    readBefore: (record) => readFile(join(folderOf(record), 'before'), 'utf8').catch(() => undefined),
    async save(record, before) {
      const folder = folderOf(record);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const kept = join(folder, 'before');
      if (before === undefined) await rm(kept, { force: true });
      // Whole or not at all: half of it would be put back as the file of before.
      else await replaceFile(kept, before);
      await replaceFile(join(folder, 'record.json'), `${JSON.stringify({ version: 1, ...record }, null, 2)}\n`);
      return before === undefined ? undefined : kept;
    },
    async remove(record, { keepsBefore } = { keepsBefore: false }) {
      const folder = folderOf(record);
      if (!keepsBefore) {
        await rm(folder, { recursive: true, force: true });
        // Not while it holds others.
        await rmdir(root).catch(() => {});
        return undefined;
      }
      await rm(join(folder, 'record.json'), { force: true });
      return join(folder, 'before');
    },
    alone: (work) => withFileLock(join(stateDir, 'installs.lock'), work, { waitMs: lockWaitMs, staleMs: lockStaleMs }),
  };
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function toRecord(text: string): InstallRecord[] {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value) || value['version'] !== 1 || typeof value['path'] !== 'string') return [];
    if (!clientIds.some((client) => client === value['client'])) return [];
    // Written by us, into a folder that is its user's alone.
    const record: InstallRecord = JSON.parse(text);
    return [record];
  } catch {
    return [];
  }
}
