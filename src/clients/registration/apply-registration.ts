import { canonicalJson, isJsonObject } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { OwnCommand } from './command/claude-command.ts';
import { digestOf } from './files/record-store.ts';
import type { RecordStore } from './files/record-store.ts';
import { readTarget, stale, writeTarget } from './files/target-file.ts';
import type { Refused } from './plan-edit.ts';
import { wordsOf } from './own-entry.ts';
import { planEdit } from './plan-edit.ts';
import type { Planned } from './plan-registration.ts';
import { serversIn, serverTextOf } from './text/server-text.ts';

type Change = Extract<Planned, { kind: 'new' | 'renewed' }>;

export interface Applied {
  ok: true;
  by: 'command' | 'edit';
  switchedOff: string[];
  /** Where the file of before is kept. */
  backup?: string;
  notes: string[];
}

interface ApplyOptions {
  store: RecordStore;
  command: OwnCommand | undefined;
}

/**
 * Writes what was planned, and before that what takes it back. With a command of the client's own, it is asked first; where it cannot, or
 * does something else, the file is edited. Never rejects.
 */
export async function applyRegistration(planned: Change, options: ApplyOptions): Promise<Applied | Refused> {
  const busy = refused('is being changed by another install', 'run the command again when that is done');
  try {
    return (await options.store.alone(() => applyAlone(planned, options))) ?? busy;
  } catch (error) {
    // Without a way back nothing is written.
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refused(`was left alone: what takes it back could not be kept in the state folder (${why})`, stateFix);
  }
}

const stateFix = 'make room there and let yourself write it, or set XDG_STATE_HOME, and run the command again';

async function applyAlone(planned: Change, { store, command }: ApplyOptions): Promise<Applied | Refused> {
  const { target, entry, kind, done, base, record } = planned;
  const notes: string[] = [];
  // Looked at before what takes it back is written: it would take the place of what takes another install back.
  const [now, kept] = [await readTarget(target.path), await store.find(target, done.name)];
  if (!now.ok) return now;
  if (now.text !== planned.from || kept?.afterDigest !== record?.afterDigest) {
    return stale;
  }
  let change = planned;
  let by: Applied['by'] = 'edit';
  let hasRun = false;
  // What a file says by then that is not there yet, the command decides.
  if (command !== undefined && kind === 'new' && record === undefined && target.scope === 'user') {
    const said = await command(done.name, entry);
    hasRun = true;
    const left = await afterCommand(planned);
    if (left === undefined) {
      notes.push(`by an edit, since its own command did not do it (${said})`);
      change = await afterFailure(planned);
    } else {
      change = left;
      by = 'command';
    }
  }
  const before = record?.existed === true ? await store.readBefore(record) : undefined;
  const keep = {
    ...target,
    ...change.done,
    existed: base !== undefined,
    folders: record?.folders ?? [],
    words: wordsOf(entry),
  };
  const backup = await store.save({ ...keep, afterDigest: digestOf(change.to) }, base);
  const written =
    change.from === change.to
      ? { ok: true as const, folders: [] }
      : await writeTarget(target.path, { from: change.from, to: change.to });
  if (!written.ok) {
    if (record !== undefined) await store.save(record, before);
    else {
      // What a command has made of the file is not known: the text of before may be nowhere else.
      const kept = await store.remove(keep, { keepsBefore: hasRun && base !== undefined });
      if (kept !== undefined) return { ...written, fix: `look at it, and ${written.fix}; the file of before: ${kept}` };
    }
    return written;
  }
  if (written.folders.length > 0) {
    await store.save({ ...keep, folders: written.folders, afterDigest: digestOf(change.to) }, base);
  }
  const switchedOff = change.done.switched.map(({ name }) => name);
  return { ok: true, by, switchedOff, ...(backup !== undefined && { backup }), notes };
}

/** The change that is left to do when the command has put our entry in; nothing where it has not, or has changed other servers. */
async function afterCommand(planned: Change): Promise<Change | undefined> {
  const { target, traits, entry, done, from } = planned;
  const now = await readTarget(target.path);
  if (!now.ok || now.text === undefined || now.text === from) return undefined;
  const { text } = now;
  const edit = serverTextOf(traits.table);
  const [before, after] = [edit.parse(from ?? ''), edit.parse(text)];
  if (before === undefined || after === undefined) return undefined;
  const servers = serversIn(after, traits.table);
  const written = servers[done.name];
  const others = (all: JsonObject): string => canonicalJson({ ...all, [done.name]: undefined });
  const isRight =
    isJsonObject(written) &&
    canonicalJson(startOf(written)) === canonicalJson(startOf(entry)) &&
    others(servers) === others(serversIn(before, traits.table));
  if (!isRight) return undefined;
  if (done.switched.length === 0) return { ...planned, from: text, to: text };
  const originals = done.switched.map(({ name }) => name);
  const rest = planEdit(text, { traits, name: done.name, entry: written, originals });
  return rest.ok
    ? { ...planned, from: text, to: rest.text, done: { ...rest.done, madeTable: done.madeTable } }
    : undefined;
}

/** The change on what the command has left: a program notes that it was started, whatever becomes of what it was asked. */
async function afterFailure(planned: Change): Promise<Change> {
  const { target, traits, entry, done, from } = planned;
  const now = await readTarget(target.path);
  if (!now.ok || now.text === undefined || now.text === from) return planned;
  const originals = done.switched.map(({ name }) => name);
  const edited = planEdit(now.text, { traits, name: done.name, entry, originals });
  return edited.ok
    ? { ...planned, from: now.text, to: edited.text, done: { ...edited.done, madeTable: done.madeTable } }
    : planned;
}

function refused(reason: string, fix: string): Refused {
  return { ok: false, reason, fix };
}

function startOf({ command, args }: JsonObject): JsonObject {
  return { command, args };
}
