import { digestOf } from './files/record-store.ts';
import type { InstallRecord, RecordStore } from './files/record-store.ts';
import { isLink, readTarget, removeTarget, stale, writeTarget } from './files/target-file.ts';
import { planUndo } from './plan-edit.ts';
import type { Refused } from './plan-edit.ts';
import { isOfRecord, isOwnEntry } from './own-entry.ts';
import { traitsFor } from './plan-registration.ts';
import type { Target } from './registration.ts';
import { serversIn, serverTextOf } from './text/server-text.ts';

/** What is to be taken back of one client's file. */
export type Undoing = { target: Target } & (
  | ({ kind: 'failed' } & Omit<Refused, 'ok'>)
  /** `keepsBefore`: the file has gone, and what was taken out of it is kept nowhere else. */
  | { kind: 'absent'; record?: InstallRecord; keepsBefore?: boolean }
  | {
      /** `restored`: to the last byte what it was; `removed`: without our entry, and what has changed since stays. */
      kind: 'restored' | 'removed';
      from: string;
      /** Absent: the file is removed, since we made it. */
      to: string | undefined;
      record?: InstallRecord;
    }
);

/** Decides how mcp-marshal gets out of a client's file. `script` is the program that runs now. Reads files, and writes none. */
export async function planUnregistration(
  target: Target,
  { name, store, script }: { name: string; store: RecordStore; script: string },
): Promise<Undoing> {
  const found = await store.find(target, name);
  const record = found === undefined ? {} : { record: found };
  const read = await readTarget(target.path);
  if (!read.ok) return { target, kind: 'failed', reason: read.reason, fix: read.fix };
  if (read.text === undefined) {
    const keepsBefore = found?.existed === true && found.switched.some(({ how }) => how === 'take');
    return { target, kind: 'absent', ...record, keepsBefore };
  }
  const from = read.text;
  // Removed, the link would be gone, and the file that it points to still have our entry.
  const isMoved = found?.existed === false && (await isLink(target.path));
  if (found !== undefined && !isMoved && digestOf(from) === found.afterDigest) {
    const before = found.existed ? await store.readBefore(found) : undefined;
    if (!found.existed || before !== undefined) return { target, kind: 'restored', from, to: before, ...record };
  }
  const { table, switchOff } = traitsFor(target, from);
  const edit = serverTextOf(table);
  const value = edit.parse(from);
  if (value === undefined) {
    return {
      target,
      kind: 'failed',
      reason: `is not valid ${table.format.toUpperCase()}`,
      fix: 'mend it and run the command again',
    };
  }
  const present = serversIn(value, table)[name];
  if (found === undefined && !isOwnEntry(present, { script })) return { target, kind: 'absent' };
  if (found !== undefined && present !== undefined && !isOfRecord(present, found) && !isOwnEntry(present, { script })) {
    const fix = 'give that one another name in the file, and run the command again';
    return { target, kind: 'failed', reason: `has another server called ${name} by now`, fix };
  }
  const done = found ?? { name, switched: [], madeTable: false };
  const undone = planUndo(from, { table, switchOff, done });
  if (!undone.ok) return { target, kind: 'failed', reason: undone.reason, fix: undone.fix };
  const isEmpty = found?.existed === false && !isMoved && Object.keys(edit.parse(undone.text) ?? {}).length === 0;
  if (undone.text === from) return { target, kind: 'absent', ...record };
  return { target, kind: 'removed', from, to: isEmpty ? undefined : undone.text, ...record };
}

/** Takes it back. What is kept goes with it where the file is what it was; else the text of before stays, and `backup` says where. */
export async function applyUnregistration(
  undoing: Undoing,
  store: RecordStore,
): Promise<{ ok: true; backup?: string } | Refused> {
  if (undoing.kind === 'failed') return { ok: false, reason: undoing.reason, fix: undoing.fix };
  try {
    const done = await store.alone(() => takeBack(undoing, store));
    return done ?? { ok: false, reason: 'is being changed by another install', fix: 'run the command again' };
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const fix = 'look at its permissions, and run the command again';
    return { ok: false, reason: `has what takes it back in a state folder that cannot be written (${why})`, fix };
  }
}

async function takeBack(
  undoing: Exclude<Undoing, { kind: 'failed' }>,
  store: RecordStore,
): Promise<{ ok: true; backup?: string } | Refused> {
  const { target, kind, record } = undoing;
  // What another install has written since is the way back from what that one did.
  if (record !== undefined && (await store.find(target, record.name))?.afterDigest !== record.afterDigest) return stale;
  if (kind === 'absent') {
    if (record === undefined) return { ok: true };
    const backup = await store.remove(record, { keepsBefore: undoing.keepsBefore === true });
    return { ok: true, ...(backup !== undefined && { backup }) };
  }
  const { from, to } = undoing;
  const done =
    to === undefined
      ? await removeTarget(target.path, { from, folders: record?.folders ?? [] })
      : await writeTarget(target.path, { from, to });
  if (!done.ok) return done;
  if (record === undefined) return { ok: true };
  const backup = await store.remove(record, { keepsBefore: kind === 'removed' && record.existed });
  return { ok: true, ...(backup !== undefined && { backup }) };
}
