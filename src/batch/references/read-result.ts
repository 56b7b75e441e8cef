import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Outcome } from '../../core/outcome.ts';
import { describeKind, listKeys } from './describe-value.ts';
import { escapeToken, readPointer, renderPointer } from './json-pointer.ts';
import { readJsonText } from './json-text.ts';
import type { Pointer, Reference, View } from './reference.ts';
import { viewResult } from './view-result.ts';

type Read = { ok: true; value: JsonValue } | { ok: false; reason: string };

/**
 * What stands at a pointer in the result of a call, by view. Of a call with `forEach`: in the array of the values of those elements that
 * are ok, in their order. The `reason` is a phrase to go behind "has": `no result: it is timeout`.
 */
export function readResult(outcome: Outcome, view: View | undefined, pointer: Pointer): Read {
  if (outcome.items !== undefined) return readItems(outcome.items, { view, pointer });
  if (outcome.result === undefined) return { ok: false, reason: `no result: it is ${outcome.status}` };
  return viewResult(outcome.result, view, pointer);
}

/**
 * The value that a reference stands for. Its default stands in where the pointer finds nothing, and for a call that did not succeed:
 * what that answered is a complaint, which a caller who names a default does not mean. The `reason` is a sentence with the call's id.
 */
export function readReference(reference: Reference, outcome: Outcome): Read {
  const { id, view, pointer, default: fallback } = reference;
  if (fallback !== undefined && outcome.items === undefined && outcome.status !== 'ok') {
    return { ok: true, value: fallback };
  }
  const found = readResult(outcome, view, pointer);
  if (found.ok) return found;
  return fallback === undefined ? { ok: false, reason: `${id} has ${found.reason}` } : { ok: true, value: fallback };
}

/** The elements that a call with this reference as `forEach` runs for. */
export function readElements(
  reference: Reference,
  outcome: Outcome,
): { ok: true; elements: readonly JsonValue[] } | { ok: false; reason: string } {
  const found = readReference(reference, outcome);
  if (!found.ok) return found;
  const value = typeof found.value === 'string' ? (readJsonText(found.value) ?? found.value) : found.value;
  if (Array.isArray(value)) return { ok: true, elements: value };
  const { id, pointer } = reference;
  const where = pointer.length === 0 ? id : `"${renderPointer(pointer)}" of ${id}`;
  return { ok: false, reason: `${where} is no list: it is ${describeNoList(value, reference)}` };
}

function readItems(items: readonly Outcome[], { view, pointer }: { view: View | undefined; pointer: Pointer }): Read {
  const values: JsonValue[] = [];
  for (const [index, item] of items.entries()) {
    if (item.status !== 'ok') continue;
    const found = readResult(item, view, []);
    if (!found.ok) return { ok: false, reason: `${found.reason} (element ${index})` };
    values.push(found.value);
  }
  const found = readPointer(values, pointer);
  return found.found ? { ok: true, value: found.value } : { ok: false, reason: found.reason };
}

function describeNoList(value: JsonValue, { view, pointer }: Reference): string {
  if (typeof value === 'string' && view !== 'lines') return `${describeKind(value)}; for its lines use view "lines"`;
  if (!isJsonObject(value)) return describeKind(value);
  const list = firstList(value);
  if (list !== undefined) {
    return `an object; write "path": ${JSON.stringify(renderPointer([...pointer, list]))} for the list in it`;
  }
  const keys = listKeys(value);
  return keys === '' ? 'an object without keys' : `an object with ${keys}`;
}

function firstList(value: JsonObject): string | undefined {
  return Object.keys(value).find((key) => Array.isArray(value[key]) && escapeToken(key).length <= 40);
}
