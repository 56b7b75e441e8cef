import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { cutText } from './cut-text.ts';

/** What a result shows: its texts, one below the other, then the blocks that are no text (images, audio, links, embedded resources), as they came. */
export interface CallContent {
  /** Never joined before they are cut: a text may have megabytes, and a reply shows a few thousand characters of it. */
  texts: readonly string[];
  blocks: readonly JsonObject[];
}

/**
 * The content of an upstream's `CallToolResult`, each thing once: `structuredContent` stands for the text blocks that repeat it. Where
 * it only wraps what the content says already (`{ "content": "…" }`), the content is shown, since its lines are then still lines.
 */
export function readContent(result: JsonObject): CallContent {
  const content = contentBlocks(result);
  const structured = result['structuredContent'];
  const blocks = content.filter((block) => textOf(block) === undefined);
  const isPlain = structured === undefined || wraps(structured, content);
  const json = isPlain ? undefined : JSON.stringify(structured);
  const texts = (json === undefined ? content : withoutRepeats(content, { structured, json })).flatMap(
    (block) => textOf(block) ?? [],
  );
  if (json !== undefined) texts.unshift(json);
  if (texts.length === 0 && blocks.length === 0 && !Array.isArray(result['content'])) {
    const { _meta, ...rest } = result;
    return { texts: Object.keys(rest).length > 0 ? [JSON.stringify(rest)] : [], blocks };
  }
  return { texts, blocks };
}

/** The content blocks of a result that do not merely repeat its `structuredContent`, which is `json` when written. */
export function withoutDuplicates(result: JsonObject, json: string): JsonObject[] {
  const content = contentBlocks(result);
  const structured = result['structuredContent'];
  if (structured === undefined) return content;
  return wraps(structured, content) ? [] : withoutRepeats(content, { structured, json });
}

/** The blocks of a result; none where an upstream put something else there. */
export function contentBlocks(result: JsonObject): JsonObject[] {
  return Array.isArray(result['content']) ? result['content'].filter((block) => isJsonObject(block)) : [];
}

/** Characters that count against the budget: all text, that of embedded resources included. */
export function contentChars({ texts, blocks }: CallContent): number {
  return blocks.reduce((chars, block) => chars + (resourceText(block)?.length ?? 0), textChars(texts));
}

/** The same content within `maxChars`: text first, then the texts of embedded resources in their order. */
export function cutContent(
  { texts, blocks }: CallContent,
  maxChars: number,
): { text: string; blocks: readonly JsonObject[] } {
  let rest = maxChars - textChars(texts);
  return {
    text: cutTexts(texts, maxChars),
    blocks: mapResources(blocks, (inner) => {
      const shown = cutText(inner, rest);
      rest -= inner.length;
      return shown;
    }),
  };
}

/** What follows the first `offset` characters of a content, counted as `contentChars` does. Blocks without text belong to its beginning. */
export function skipContent({ texts, blocks }: CallContent, offset: number): CallContent {
  if (offset === 0) return { texts, blocks };
  let rest = offset;
  const left = texts.flatMap((text) => {
    const shown = text.length < rest ? [] : [text.slice(Math.max(0, rest))];
    // The line end between two texts counts as well.
    rest -= text.length + 1;
    return shown;
  });
  let skipped = Math.max(0, offset - textChars(texts));
  const withText = mapResources(
    blocks.filter((block) => resourceText(block) !== undefined),
    (inner) => {
      const shown = inner.slice(skipped);
      skipped = Math.max(0, skipped - inner.length);
      return shown;
    },
  );
  return { texts: left, blocks: withText.filter((block) => resourceText(block) !== '') };
}

/** The characters of texts that stand one below the other. */
function textChars(texts: readonly string[]): number {
  return texts.reduce((chars, text) => chars + text.length, Math.max(0, texts.length - 1));
}

/** Joins no more than it shows. */
function cutTexts(texts: readonly string[], maxChars: number): string {
  const pieces: string[] = [];
  // One more than may be shown, since a line that ends right there is a whole one.
  let room = maxChars + 1;
  for (const text of texts) {
    if (room <= 0) break;
    pieces.push(text.length > room ? text.slice(0, room) : text);
    room -= text.length + 1;
  }
  return cutText(pieces.join('\n'), maxChars);
}

/** The blocks, with the texts of embedded resources changed; what stays the same stays the same object. */
function mapResources(blocks: readonly JsonObject[], change: (inner: string) => string): JsonObject[] {
  return blocks.map((block) => {
    const inner = resourceText(block);
    if (inner === undefined || !isJsonObject(block['resource'])) return block;
    const shown = change(inner);
    return shown === inner ? block : { ...block, resource: { ...block['resource'], text: shown } };
  });
}

function withoutRepeats(
  content: readonly JsonObject[],
  { structured, json }: { structured: JsonValue | undefined; json: string },
): JsonObject[] {
  return content.filter((block) => {
    const text = textOf(block);
    return text === undefined || structured === undefined || !repeats(text, { structured, json });
  });
}

/** The text of a text block, `undefined` for every other kind. */
export function textOf(block: JsonObject): string | undefined {
  return block['type'] === 'text' && typeof block['text'] === 'string' ? block['text'] : undefined;
}

function resourceText(block: JsonObject): string | undefined {
  const resource = block['resource'];
  return isJsonObject(resource) && typeof resource['text'] === 'string' ? resource['text'] : undefined;
}

/** True where the structured content is one field that holds the content itself, or the one text in it. */
export function wraps(structured: JsonValue | undefined, content: readonly JsonObject[]): boolean {
  if (!isJsonObject(structured)) return false;
  const values = Object.values(structured);
  if (values.length !== 1 || content.length === 0) return false;
  const [value] = values;
  const [first] = content;
  if (content.length === 1 && first !== undefined && typeof value === 'string') return textOf(first) === value;
  return isDeepStrictEqual(value, content);
}

/** True where the text is the structured content as JSON, or that of its one field. */
function repeats(text: string, { structured, json }: { structured: JsonValue; json: string }): boolean {
  // The two ways in which most servers write it; reading and comparing a large text takes ten times as long.
  if (text === json) return true;
  if (text.startsWith('{\n  ') && text === JSON.stringify(structured, undefined, 2)) return true;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return false;
  }
  if (isDeepStrictEqual(parsed, structured)) return true;
  const values = isJsonObject(structured) ? Object.values(structured) : [];
  return values.length === 1 && isDeepStrictEqual(parsed, values[0]);
}
