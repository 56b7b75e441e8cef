import { canonicalJson, isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isSwitchedOff, keepAdditions } from '../entry/keep-additions.ts';
import { parseSettings } from '../source/parse-settings.ts';
import { digestOf } from './files/record-store.ts';
import type { InstallRecord, RecordStore } from './files/record-store.ts';
import { readTarget } from './files/target-file.ts';
import { entryNotes, makeEntry } from './make-entry.ts';
import type { EntryContext } from './make-entry.ts';
import { isOfRecord, isOwnEntry } from './own-entry.ts';
import { planEdit, planUndo } from './plan-edit.ts';
import type { Done, Refused } from './plan-edit.ts';
import { traitsOf } from './registration.ts';
import type { ClientTraits, Target } from './registration.ts';
import { serversIn, serverTextOf } from './text/server-text.ts';

/** What is to become of one client's file. */
export type Planned = { target: Target; notes: string[] } & (
  | ({ kind: 'failed' } & Omit<Refused, 'ok'>)
  /** It is there, as it should be. */
  | { kind: 'same'; entry: JsonObject }
  | {
      kind: 'new' | 'renewed';
      entry: JsonObject;
      /** Of `entry`, what is ours: the rest may be secret. */
      made: JsonObject;
      traits: ClientTraits;
      done: Done;
      /** The file as it is. Absent: there is none. */
      from: string | undefined;
      to: string;
      /** As it would be without us: what is put back. */
      base: string | undefined;
      record?: InstallRecord;
    }
);

export interface RegisterOptions {
  name: string;
  context: EntryContext;
  store: RecordStore;
  /** Of this client and file: what each of its servers is, and whether it is to be switched off. */
  isOriginal: (name: string) => boolean;
  /** Whether what was switched off before stays so, too. */
  keepsSwitched: boolean;
}

/** Decides how a client's file gets mcp-marshal. Reads files, and writes none. */
export async function planRegistration(target: Target, options: RegisterOptions): Promise<Planned> {
  const { name, context, store, isOriginal, keepsSwitched } = options;
  const failed = (reason: string, fix: string): Planned => ({ target, kind: 'failed', reason, fix, notes: [] });
  const read = await readTarget(target.path);
  if (!read.ok) return failed(read.reason, read.fix);
  const record = await store.find(target, name);
  const text = read.text ?? '';
  const traits = traitsFor(target, text);
  const edit = serverTextOf(traits.table);
  const value = edit.parse(text);
  if (value === undefined) return failed(...flawOf(target, { text, format: traits.table.format }));
  const refusal = await findObstacle(target, value);
  if (refusal !== undefined) return failed(...refusal);
  const present = serversIn(value, traits.table)[name];
  const made = makeEntry(target.client, context, { traits, others: serversIn(value, traits.table) });
  const isOurs = isOwnEntry(present, { entry: made }) || (record !== undefined && isOfRecord(present, record));
  if (present !== undefined && !isOurs) {
    return failed(`has another server called ${name}`, 'give this one another name: --name');
  }
  const entry = keepAdditions(made, present);
  const undone = await baseOf(text, { record, traits, name, store });
  if (!undone.ok) return failed(undone.reason, undone.fix);
  const base = undone.text;
  const baseServers = serversIn(edit.parse(base) ?? {}, traits.table);
  const switchedBefore = new Set(keepsSwitched ? record?.switched.map((one) => one.name) : []);
  const originals = Object.keys(baseServers).filter(
    (one) => one !== name && (switchedBefore.has(one) || isOriginal(one)),
  );
  const planned = planEdit(base, { traits, name, entry, originals });
  if (!planned.ok) return failed(planned.reason, planned.fix);
  const notes = [
    ...entryNotes(target.client, { traits }, context),
    ...planned.notSwitched.map((one) => `${one} could not be switched off here: do it in the client`),
  ];
  // A file that we made is nobody else's until something else comes into it.
  const isOursAlone = read.text === undefined || record?.existed === false;
  // What was taken out of a file that has gone since is nowhere else.
  const isNobodys = isOursAlone && isEmptyObject(edit.parse(base));
  const isSame = record === undefined && sameEntry(present, entry) && !isSwitchedOff(present) && originals.length === 0;
  if (isSame || (present !== undefined && planned.text === text)) return { target, kind: 'same', entry, notes };
  return {
    target,
    kind: present === undefined ? 'new' : 'renewed',
    entry,
    made,
    traits,
    done: planned.done,
    from: read.text,
    to: planned.text,
    base: isNobodys ? undefined : base,
    ...(record !== undefined && { record }),
    notes,
  };
}

/** The traits of a target, by what its file says. */
export function traitsFor({ client, path }: Target, text: string): ClientTraits {
  if (client !== 'opencode') return traitsOf(client, undefined);
  const parsed = parseSettings(text.replace(/^\uFEFF/, ''), path);
  return traitsOf(client, parsed.ok ? parsed.value : undefined);
}

function isEmptyObject(value: JsonObject | undefined): boolean {
  return value !== undefined && Object.keys(value).length === 0;
}

/** The same but for what the client itself adds, and for the name that an element of a list has. */
function sameEntry(present: JsonValue | undefined, entry: JsonObject): boolean {
  return (
    isJsonObject(present) &&
    Object.entries(entry).every(([key, value]) => canonicalJson(present[key]) === canonicalJson(value))
  );
}

/** The file as it would be without us. */
async function baseOf(
  text: string,
  options: {
    record: InstallRecord | undefined;
    traits: ClientTraits;
    name: string;
    store: RecordStore;
  },
): Promise<{ ok: true; text: string } | Refused> {
  const { record, traits, name, store } = options;
  const { table, switchOff } = traits;
  if (record !== undefined) {
    if (digestOf(text) === record.afterDigest) {
      const before = record.existed ? await store.readBefore(record) : '';
      if (before !== undefined) return { ok: true, text: before };
    }
    return planUndo(text, { table, switchOff, done: record });
  }
  const value = serverTextOf(table).parse(text) ?? {};
  if (serversIn(value, table)[name] === undefined) return { ok: true, text };
  return planUndo(text, { table, switchOff, done: { name, switched: [], madeTable: false } });
}

/** What stands against a file, although it is valid. */
async function findObstacle({ client, path }: Target, value: JsonObject): Promise<[string, string] | undefined> {
  if (client !== 'continue' || Object.keys(value).length > 0) return undefined;
  const older = await readTarget(path.replace(/\.yaml$/, '.json'));
  if (!older.ok || older.text === undefined) return undefined;
  return [
    'is not there, and Continue would pass over its config.json if it were',
    'move to config.yaml as its documentation says, then install again',
  ];
}

/** Why a file is not one in which settings have names, and what mends that. */
function flawOf(
  { path }: Target,
  { text, format }: { text: string; format: ClientTraits['table']['format'] },
): [string, string] {
  const parsed = format === 'yaml' ? undefined : parseSettings(text.replace(/^\uFEFF/, ''), path);
  if (parsed?.ok === true) {
    return ['holds a list or a single value, and no settings', 'write {} in its place, and run the command again'];
  }
  const line = parsed?.problem.place?.line;
  const at = line === undefined ? '' : ` at line ${line}`;
  return [`is not valid ${format.toUpperCase()}`, `mend it${at} and run the command again`];
}
