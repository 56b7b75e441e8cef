import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { ReferenceKey } from '../../core/reference-keys.ts';
import { describeUnknownField, findChoiceProblem, quote } from '../input/field-problems.ts';
import { parsePointer } from './json-pointer.ts';
import { views } from './reference.ts';
import type { Pointer, Reference, View } from './reference.ts';

/** An object of the arguments that stands for something else. */
export type StandIn =
  | { key: '$result'; reference: Reference }
  | { key: '$item'; pointer: Pointer }
  | { key: '$concat'; parts: readonly JsonValue[] }
  | { key: '$literal'; value: JsonValue }
  | { key: '$param'; pointer: Pointer; default?: JsonValue };

type Parsed<T> = ({ ok: true } & T) | { ok: false; reason: string };

const fieldsOfReference = ['$result', 'path', 'view', 'default'];
const fieldsOfParameter = ['$param', 'default'];

/** Reads `{ "$result": id, path, view, default }`. Whether a call has that id is for others to say. */
export function parseReference(value: JsonObject): Parsed<{ reference: Reference }> {
  const { $result: id, path, view, default: fallback } = value;
  if (typeof id !== 'string') {
    return { ok: false, reason: `$result: found ${quote(id)}; write the id of an earlier call, such as "c0"` };
  }
  const unknown = findUnknownField(value, fieldsOfReference);
  if (unknown !== undefined) return { ok: false, reason: unknown };
  const parsed = parsePointer(path === undefined ? '' : path);
  if (!parsed.ok) return { ok: false, reason: `path: ${parsed.reason}` };
  const choice = findChoiceProblem(view, views);
  if (choice !== undefined) return { ok: false, reason: `view: ${choice}` };
  const reference: Reference = {
    id,
    pointer: parsed.pointer,
    ...(isView(view) && { view }),
    ...(fallback !== undefined && { default: fallback }),
  };
  return { ok: true, reference };
}

/** Reads an object that has `key`, one of ours, and so stands for something else. Of `$concat` the parts are as they were written. */
export function parseStandIn(value: JsonObject, key: ReferenceKey): Parsed<{ standIn: StandIn }> {
  if (key === '$result') {
    const parsed = parseReference(value);
    return parsed.ok ? { ok: true, standIn: { key, reference: parsed.reference } } : parsed;
  }
  const unknown = findUnknownField(value, key === '$param' ? fieldsOfParameter : [key]);
  if (unknown !== undefined) return { ok: false, reason: unknown };
  const found = value[key];
  if (key === '$literal') return { ok: true, standIn: { key, value: found ?? null } };
  if (key === '$concat') {
    if (Array.isArray(found)) return { ok: true, standIn: { key, parts: found } };
    return { ok: false, reason: `found ${quote(found)}; write an array of the parts to be joined` };
  }
  const parsed = parsePointer(found);
  if (!parsed.ok) return parsed;
  const { pointer } = parsed;
  if (key === '$item') return { ok: true, standIn: { key, pointer } };
  const { default: fallback } = value;
  return { ok: true, standIn: { key, pointer, ...(fallback !== undefined && { default: fallback }) } };
}

function isView(value: JsonValue | undefined): value is View {
  return views.some((view) => view === value);
}

function findUnknownField(value: JsonObject, known: readonly string[]): string | undefined {
  const field = Object.keys(value).find((name) => !known.includes(name) && value[name] !== undefined);
  if (field === undefined) return undefined;
  return `${describeUnknownField(field, known)}; where the object is meant as it stands, write { "$literal": … } around it`;
}
