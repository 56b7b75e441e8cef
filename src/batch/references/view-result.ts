import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { contentBlocks, textOf, wraps } from '../budget/call-content.ts';
import { readPointer, renderPointer } from './json-pointer.ts';
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
  const reading = readOnce(result);
  const { text, structured, shown } = reading;
  if (view === 'text' || view === 'lines') {
    if (shown === undefined) return { ok: false, reason: reading.noText };
    if (view === 'lines') return readFirst([isEmpty(shown, empty) ? [] : (reading.lines ??= linesOf(shown))], pointer);
    return readFirst([pointer.length === 0 ? shown : (jsonOf(reading, shown) ?? shown)], pointer);
  }
  if (structured !== undefined && !reading.isWrapped) return readFirst([structured], pointer);
  if (text === undefined) return { ok: false, reason: reading.noText };
  const ofText = jsonOf(reading, text) ?? (view === 'json' ? undefined : text);
  const candidates = (pointer.length === 0 ? [ofText ?? structured] : [structured, ofText]).filter(
    (value) => value !== undefined,
  );
  if (candidates.length > 0) return explainText(readFirst(candidates, pointer), { ofText, pointer, structured });
  return { ok: false, reason: 'no JSON object or array in its text; use view "text" or "lines"' };
}

/** A result as far as it has been read: once for all references to it, and an element of `forEach` has references of its own. */
interface Reading {
  /** All its text; empty where it says nothing at all, absent where it holds other things only. */
  text: string | undefined;
  structured: JsonValue | undefined;
  /** The structured content is one field that holds the text. */
  isWrapped: boolean;
  /** What counts as text where that is wanted: the structured content where there is nothing else. */
  shown: string | undefined;
  /** Why there is no text. */
  noText: string;
  lines?: string[];
  /** `undefined` where there is none. */
  json?: { value: JsonObject | JsonValue[] | undefined };
}

const readings = new WeakMap<JsonObject, Reading>();

function readOnce(result: JsonObject): Reading {
  const known = readings.get(result);
  if (known !== undefined) return known;
  const content = contentBlocks(result);
  // Some servers write the field even where they leave it empty.
  const structured = result['structuredContent'] ?? undefined;
  const text = textOfResult(result, { content, structured });
  const reading: Reading = {
    text,
    structured,
    isWrapped: text !== undefined && wraps(structured, content),
    shown: text ?? (structured === undefined ? undefined : JSON.stringify(structured)),
    noText: describeNoText(content),
  };
  readings.set(result, reading);
  return reading;
}

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

function jsonOf(reading: Reading, text: string): JsonObject | JsonValue[] | undefined {
  reading.json ??= { value: readJsonText(text) };
  return reading.json.value;
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
function explainText(
  read: Read,
  bag: { ofText: JsonValue | undefined; pointer: Pointer; structured: JsonValue | undefined },
): Read {
  if (read.ok) return read;
  const { ofText, pointer, structured } = bag;
  if (typeof ofText === 'string') {
    // Where the path leads through the one field that wraps the text, that is where it goes wrong.
    const [field] = isJsonObject(structured) ? Object.keys(structured).filter((key) => key === pointer[0]) : [];
    const wrapped = field === undefined ? read : readFirst([structured ?? ofText], pointer);
    const alone = field === undefined ? '' : `, or write ${JSON.stringify(renderPointer([field]))},`;
    const reason = wrapped.ok ? read.reason : wrapped.reason;
    return { ok: false, reason: `${reason}; leave out path${alone} for the whole text, or use view "lines"` };
  }
  if (pointer[0] !== 'content' || ofText === undefined) return read;
  return { ok: false, reason: `${read.reason}; a path begins in the JSON that the text holds` };
}

function describeNoText(content: readonly JsonObject[]): string {
  const kinds = [...new Set(content.map(({ type }) => (typeof type === 'string' ? type : 'unknown')))];
  const there = kinds.length === 0 ? '' : `, only ${kinds.join(', ').slice(0, 100)}`;
  return `no text${there}; use view "raw"`;
}
