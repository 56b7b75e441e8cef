import { canonicalJson, isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { ClientTraits, Switch } from './registration.ts';
import { removeJson } from './text/json-text.ts';
import { serversIn, serverTextOf } from './text/server-text.ts';
import type { ServerTable } from './text/server-text.ts';

/** A server that was switched off, with what it takes to switch it on again. */
export type Switched =
  | { name: string; how: 'flag'; key: string; was?: boolean }
  /** `removed` is its entry as it stood in the file: it may hold secrets. */
  | { name: string; how: 'take'; removed: string };

/** What was done to a text, for it to be undone. */
export interface Done {
  name: string;
  switched: readonly Switched[];
  /** The servers' table was not there before. */
  madeTable: boolean;
}

export type Edited = { ok: true; text: string; done: Done; notSwitched: readonly string[] } | Refused;
export type Refused = {
  ok: false;
  reason: string;
  fix: string;
  /** The file is another one than was planned for: to be planned again. */
  isStale?: true;
};

/** A text with mcp-marshal in it and the originals switched off. What comes out is read again, and differs in nothing else. */
export function planEdit(
  text: string,
  {
    traits,
    name,
    entry,
    originals,
  }: { traits: ClientTraits; name: string; entry: JsonObject; originals: readonly string[] },
): Edited {
  const { table, switchOff } = traits;
  const edit = serverTextOf(table);
  const before = edit.parse(text);
  if (before === undefined) return refused('cannot be parsed');
  if (!hasRoom(before, table)) return refused(`has something else than servers under ${table.path.join('.')}`);
  const own = edit.put(text, name, entry);
  if (own === undefined) return refused('is written in a way that is not edited safely');
  let edited = own;
  const switched: Switched[] = [];
  const notSwitched: string[] = [];
  for (const original of originals) {
    const off = switchOne(edited, { original, switchOff, table });
    if (off === undefined || edit.parse(off.text) === undefined) {
      notSwitched.push(original);
      continue;
    }
    edited = off.text;
    if (off.switched !== undefined) switched.push(off.switched);
  }
  const madeTable = canonicalJson(serversIn(before, table)) === '{}' && !hasTable(before, table);
  const done: Done = { name, switched, madeTable };
  const after = edit.parse(edited);
  const isRight =
    after !== undefined &&
    canonicalJson(serversIn(after, table)[name]) ===
      canonicalJson(table.format === 'yaml' ? { name, ...entry } : entry) &&
    isSameElsewhere([before, after], { table, done });
  return isRight
    ? { ok: true, text: edited, done, notSwitched }
    : refused('is written in a way that is not edited safely');
}

/**
 * A text without what was done to it. What a person has changed since is theirs: a switch that stands otherwise by now stays so, and a
 * server that is there again is not put back.
 */
export function planUndo(
  text: string,
  { table, switchOff, done }: { table: ServerTable; switchOff: Switch; done: Done },
): { ok: true; text: string } | Refused {
  const edit = serverTextOf(table);
  const before = edit.parse(text);
  if (before === undefined) return refused('cannot be parsed');
  const steps: ((text: string) => string | undefined)[] = [];
  for (const one of done.switched) {
    const entry = serversIn(before, table)[one.name];
    if (one.how === 'take') {
      if (entry === undefined) steps.push((now) => edit.bring(now, one.name, one.removed));
    } else if (isJsonObject(entry) && switchOff.how === 'flag' && entry[one.key] === switchOff.off) {
      steps.push((now) => edit.flag(now, one.name, { key: one.key, value: one.was }));
    }
  }
  if (serversIn(before, table)[done.name] !== undefined) steps.push((now) => edit.take(now, done.name)?.text);
  let undone = steps.reduce<string | undefined>((now, step) => (now === undefined ? undefined : step(now)), text);
  let after = undone === undefined ? undefined : edit.parse(undone);
  if (undone !== undefined && after !== undefined && done.madeTable && table.format === 'json') {
    const isEmpty = hasTable(after, table) && canonicalJson(serversIn(after, table)) === '{}';
    undone = (isEmpty ? withoutTable(undone, table) : undefined) ?? undone;
    after = edit.parse(undone);
  }
  const isRight =
    undone !== undefined &&
    after !== undefined &&
    serversIn(after, table)[done.name] === undefined &&
    isSameElsewhere([before, after], { table, done });
  return isRight && undone !== undefined
    ? { ok: true, text: undone }
    : { ok: false, reason: 'is written in a way that is not edited safely', fix: byHand(done) };
}

function byHand({ name, switched }: Done): string {
  const names = switched.map((one) => one.name).join(', ');
  const others = names === '' ? '' : `, and put back what was switched off: ${names}`;
  return `take ${name} out by hand${others}`;
}

function refused(reason: string): Refused {
  const fix =
    reason === 'cannot be parsed' ? 'mend it and run the command again' : 'see install --print for what to add by hand';
  return { ok: false, reason, fix };
}

function switchOne(
  text: string,
  { original, switchOff, table }: { original: string; switchOff: Switch; table: ServerTable },
): { text: string; switched?: Switched } | undefined {
  const edit = serverTextOf(table);
  if (switchOff.how === 'take') {
    const taken = edit.take(text, original);
    return taken && { text: taken.text, switched: { name: original, how: 'take', removed: taken.removed } };
  }
  const { key, off } = switchOff;
  const value = edit.parse(text);
  const entry = value && serversIn(value, table)[original];
  const was = isJsonObject(entry) ? entry[key] : undefined;
  if (was === off) return { text };
  if (was !== undefined && typeof was !== 'boolean') return undefined;
  const flagged = edit.flag(text, original, { key, value: off });
  const known = was === undefined ? {} : { was };
  return flagged === undefined
    ? undefined
    : { text: flagged, switched: { name: original, how: 'flag', key, ...known } };
}

function hasTable(value: JsonObject, { path }: ServerTable): boolean {
  let found: JsonValue | undefined = value;
  for (const key of path) found = isJsonObject(found) ? found[key] : undefined;
  return found !== undefined;
}

function hasRoom(value: JsonObject, { format, path }: ServerTable): boolean {
  let found: JsonValue | undefined = value;
  for (const key of path) {
    if (found === undefined) return true;
    if (!isJsonObject(found)) return false;
    found = found[key];
  }
  if (found === undefined) return true;
  return format === 'yaml' ? Array.isArray(found) : isJsonObject(found);
}

function withoutTable(text: string, { path }: ServerTable): string | undefined {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const removed = removeJson(text.slice(mark.length), path);
  return removed && mark + removed.text;
}

/** Whether two texts say the same but for our entry, the entries taken out, and the switches of others. */
function isSameElsewhere(
  values: readonly [JsonObject, JsonObject],
  { table, done: { name, switched } }: { table: ServerTable; done: Done },
): boolean {
  const away = new Set([name, ...switched.filter(({ how }) => how === 'take').map((one) => one.name)]);
  const flags = new Map(switched.flatMap((one) => (one.how === 'flag' ? [[one.name, one.key] as const] : [])));
  const [a, b] = values.map((value) => {
    const servers = Object.entries(serversIn(value, table)).filter(([key]) => !away.has(key));
    const shown = servers.map(([key, entry]): [string, JsonValue | undefined] => {
      const flag = flags.get(key);
      return [key, flag === undefined || !isJsonObject(entry) ? entry : { ...entry, [flag]: undefined }];
    });
    return `${canonicalJson(Object.fromEntries(shown))}\n${canonicalJson(elsewhere(value, table.path))}`;
  });
  return a === b;
}

function elsewhere(value: JsonValue | undefined, [key, ...rest]: readonly string[]): JsonValue | undefined {
  if (key === undefined || !isJsonObject(value)) return undefined;
  return { ...value, [key]: elsewhere(value[key], rest) };
}
