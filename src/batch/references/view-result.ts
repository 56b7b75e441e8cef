import type { JsonObject, JsonValue } from '../../core/json.ts';
import { contentBlocks, textOf, wraps } from '../budget/call-content.ts';
import { readPointer } from './json-pointer.ts';
import { readJsonText } from './json-text.ts';
import type { Pointer, View } from './reference.ts';

type Read = { ok: true; value: JsonValue } | { ok: false; reason: string };

/**
 * What a `CallToolResult` means under a view, and what stands there at a pointer. Without a view it is the structured content, else the
 * JSON in the text, else the text. Where the structured content only wraps the text, replies show the text alone: then the whole
 * value is the text's, and a pointer may start in either. `empty` are the texts by which this tool says that there is nothing, and so
 * no lines. The `reason` is a phrase to go behind "has".
 */
export function viewResult(
  result: JsonObject,
  view: View | undefined,
  { pointer, empty = [] }: { pointer: Pointer; empty?: readonly string[] | undefined },
): Read {
  if (view === 'raw') return readFirst([result], pointer);
  const content = contentBlocks(result);
  // Some servers write the field even where they leave it empty.
  const structured = result['structuredContent'] ?? undefined;
  const text = textOfResult(result, { content, structured });
  if (view === 'text' || view === 'lines') {
    const shown = text ?? (structured === undefined ? undefined : JSON.stringify(structured));
    if (shown === undefined) return { ok: false, reason: describeNoText(content) };
    return readFirst([view === 'text' ? shown : isEmpty(shown, empty) ? [] : linesOf(shown)], pointer);
  }
  if (structured !== undefined && (text === undefined || !wraps(structured, content))) {
    return readFirst([structured], pointer);
  }
  if (text === undefined) return { ok: false, reason: describeNoText(content) };
  const ofText = jsonOf(result, text) ?? (view === 'json' ? undefined : text);
  const candidates = (pointer.length === 0 ? [ofText ?? structured] : [structured, ofText]).filter(
    (value) => value !== undefined,
  );
  if (candidates.length > 0) return explainText(readFirst(candidates, pointer), { ofText, pointer });
  return { ok: false, reason: 'no JSON: the text is not JSON; use view "text" or "lines"' };
}

/** All text of a result; empty where it says nothing at all, absent where it holds other things only. */
function textOfResult(
  result: JsonObject,
  { content, structured }: { content: readonly JsonObject[]; structured: JsonValue | undefined },
): string | undefined {
  const texts = content.flatMap((block) => textOf(block) ?? []);
  const isEmpty = structured === undefined && Array.isArray(result['content']) && content.length === 0;
  return texts.length > 0 || isEmpty ? texts.join('\n') : undefined;
}

/** Line ends around it are no difference. */
function isEmpty(text: string, empty: readonly string[]): boolean {
  return empty.some((nothing) => nothing.trim() === text.trim());
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

// A result is read once for every reference to it, and an element of `forEach` has references of its own.
const known = new WeakMap<JsonObject, { json: JsonValue | undefined }>();

function jsonOf(result: JsonObject, text: string): JsonValue | undefined {
  const before = known.get(result);
  if (before !== undefined) return before.json;
  const json = readJsonText(text);
  known.set(result, { json });
  return json;
}

/** The first value in which the pointer finds something; the reason of the last, which is what the caller saw. */
function readFirst(values: readonly JsonValue[], pointer: Pointer): Read {
  let reason = '';
  for (const value of values) {
    const found = readPointer(value, pointer);
    if (found.found) return { ok: true, value: found.value };
    ({ reason } = found);
  }
  return { ok: false, reason };
}

/** A path into a text goes nowhere; one from the top of the `CallToolResult` begins too far out. */
function explainText(read: Read, { ofText, pointer }: { ofText: JsonValue | undefined; pointer: Pointer }): Read {
  if (read.ok) return read;
  if (typeof ofText === 'string') {
    return { ok: false, reason: `${read.reason}; leave out path for the whole text, or use view "lines"` };
  }
  if (pointer[0] !== 'content' || ofText === undefined) return read;
  return { ok: false, reason: `${read.reason}; a path begins in the JSON that the text holds` };
}

function describeNoText(content: readonly JsonObject[]): string {
  const kinds = [...new Set(content.map(({ type }) => (typeof type === 'string' ? type : 'unknown')))];
  const there = kinds.length === 0 ? '' : `, only ${kinds.join(', ').slice(0, 100)}`;
  return `no text${there}; use view "raw"`;
}
