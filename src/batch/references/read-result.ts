import { isJsonObject } from '../../core/json.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Outcome } from '../../core/outcome.ts';
import { describeHolder, listKeys } from './describe-value.ts';
import { readPointer, renderPointer } from './json-pointer.ts';
import { readJsonText } from './json-text.ts';
import type { Pointer, Reference, View } from './reference.ts';
import { viewResult } from './view-result.ts';

// More lists than that are no hint as to which one was meant.
const maxLists = 4;
const maxKeyChars = 40;

type Read = { ok: true; value: JsonValue } | { ok: false; reason: string };

/** A call that has ended, and the texts by which its tool says that there is nothing (`empty` in the policy). */
export interface Ended {
  outcome: Outcome;
  empty?: readonly string[] | undefined;
}

/**
 * What stands at a pointer in the result of a call, by view. Of a call with `forEach`: in the array of the values of those elements that
 * are ok, in their order. The `reason` is a phrase to go behind "has": `no result: it is timeout`.
 */
export function readResult({ outcome, empty }: Ended, view: View | undefined, pointer: Pointer): Read {
  if (outcome.items !== undefined) return readItems(outcome.items, { view, pointer, empty });
  if (outcome.result === undefined) return { ok: false, reason: `no result: it is ${outcome.status}` };
  return viewResult(outcome.result, view, { pointer, empty });
}

/**
 * The value that a reference stands for. Its default stands in where the pointer finds nothing, and for a call that did not succeed:
 * what that answered is a complaint, which a caller who names a default does not mean. The `reason` is a sentence with the call's id.
 */
export function readReference(reference: Reference, ended: Ended): Read {
  const { id, view, pointer, default: fallback } = reference;
  const { outcome } = ended;
  if (fallback !== undefined && outcome.items === undefined && outcome.status !== 'ok') {
    return { ok: true, value: fallback };
  }
  const found = readResult(ended, view, pointer);
  if (found.ok) return found;
  return fallback === undefined ? { ok: false, reason: `${id} has ${found.reason}` } : { ok: true, value: fallback };
}

/** The elements that a call with this reference as `forEach` runs for. */
export function readElements(
  reference: Reference,
  ended: Ended,
): { ok: true; elements: readonly JsonValue[] } | { ok: false; reason: string } {
  const found = readReference(reference, ended);
  if (!found.ok) return found;
  const value = typeof found.value === 'string' ? (readJsonText(found.value) ?? found.value) : found.value;
  if (Array.isArray(value)) return { ok: true, elements: value };
  const { id, pointer } = reference;
  const where = pointer.length === 0 ? id : `"${renderPointer(pointer)}" of ${id}`;
  return { ok: false, reason: `${where} is no list: it is ${describeNoList(value, reference)}` };
}

function readItems(
  items: readonly Outcome[],
  { view, pointer, empty }: { view: View | undefined; pointer: Pointer; empty: Ended['empty'] },
): Read {
  const ofItems = known.get(items) ?? new Map<View | undefined, Read>();
  known.set(items, ofItems);
  const values = ofItems.get(view) ?? valuesOf(items, { view, empty });
  ofItems.set(view, values);
  if (!values.ok) return values;
  const found = readPointer(values.value, pointer);
  return found.found ? { ok: true, value: found.value } : { ok: false, reason: found.reason };
}

// Many references may lead into the same thousand elements. The tool, and so what it calls empty, is the same for all of them.
const known = new WeakMap<readonly Outcome[], Map<View | undefined, Read>>();

function valuesOf(items: readonly Outcome[], { view, empty }: { view: View | undefined; empty: Ended['empty'] }): Read {
  const values: JsonValue[] = [];
  for (const [index, item] of items.entries()) {
    if (item.status !== 'ok') continue;
    const found = readResult({ outcome: item, empty }, view, []);
    if (!found.ok) return { ok: false, reason: `${found.reason} (element ${index})` };
    values.push(found.value);
  }
  return { ok: true, value: values };
}

function describeNoList(value: JsonValue, { view, pointer }: Reference): string {
  if (typeof value === 'string' && view !== 'lines') return `${describeHolder(value)}; for its lines use view "lines"`;
  if (!isJsonObject(value)) return describeHolder(value);
  const lists = Object.keys(value).filter((key) => Array.isArray(value[key]) && key.length <= maxKeyChars);
  if (lists.length > 0 && lists.length <= maxLists) {
    const paths = lists.map((list) => JSON.stringify(renderPointer([...pointer, list])));
    return `an object; did you mean path ${paths.join(' or ')}?`;
  }
  const { list, count } = listKeys(value);
  return count === 0 ? 'an object without keys' : `an object with ${list}`;
}
