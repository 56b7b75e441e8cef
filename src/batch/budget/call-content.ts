import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '../../core/json.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { cutText } from './cut-text.ts';

/** What a result shows: its text, then the blocks that are no text (images, audio, links, embedded resources), as they came. */
export interface CallContent {
  text: string;
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
  const isWrapped = wraps(structured, content);
  const kept = isWrapped ? content : withoutDuplicates(result);
  const lead = structured === undefined || isWrapped ? [] : [JSON.stringify(structured)];
  const texts = [...lead, ...kept.flatMap((block) => textOf(block) ?? [])];
  if (texts.length === 0 && blocks.length === 0 && !Array.isArray(result['content'])) {
    const { _meta, ...rest } = result;
    return { text: Object.keys(rest).length > 0 ? JSON.stringify(rest) : '', blocks };
  }
  return { text: texts.join('\n'), blocks };
}

/** The content blocks of a result that do not merely repeat its `structuredContent`. */
export function withoutDuplicates(result: JsonObject): JsonObject[] {
  const content = contentBlocks(result);
  const structured = result['structuredContent'];
  if (structured === undefined) return content;
  if (wraps(structured, content)) return [];
  return content.filter((block) => {
    const text = textOf(block);
    return text === undefined || !repeats(text, structured);
  });
}

/** The blocks of a result; none where an upstream put something else there. */
export function contentBlocks(result: JsonObject): JsonObject[] {
  return Array.isArray(result['content']) ? result['content'].filter((block) => isJsonObject(block)) : [];
}

/** Characters that count against the budget: all text, that of embedded resources included. */
export function contentChars({ text, blocks }: CallContent): number {
  return blocks.reduce((chars, block) => chars + (resourceText(block)?.length ?? 0), text.length);
}

/** The same content within `maxChars`: text first, then the texts of embedded resources in their order. */
export function cutContent({ text, blocks }: CallContent, maxChars: number): CallContent {
  const cut = cutText(text, maxChars);
  let rest = maxChars - text.length;
  return {
    text: cut,
    blocks: blocks.map((block) => {
      const inner = resourceText(block);
      if (inner === undefined || !isJsonObject(block['resource'])) return block;
      const shown = cutText(inner, rest);
      rest -= inner.length;
      return shown === inner ? block : { ...block, resource: { ...block['resource'], text: shown } };
    }),
  };
}

/** The text of a text block, `undefined` for every other kind. */
function textOf(block: JsonObject): string | undefined {
  return block['type'] === 'text' && typeof block['text'] === 'string' ? block['text'] : undefined;
}

function resourceText(block: JsonObject): string | undefined {
  const resource = block['resource'];
  return isJsonObject(resource) && typeof resource['text'] === 'string' ? resource['text'] : undefined;
}

/** True where the structured content is one field that holds the content itself, or the one text in it. */
function wraps(structured: JsonValue | undefined, content: readonly JsonObject[]): boolean {
  if (!isJsonObject(structured)) return false;
  const values = Object.values(structured);
  if (values.length !== 1 || content.length === 0) return false;
  const [value] = values;
  const [first] = content;
  if (content.length === 1 && first !== undefined && typeof value === 'string') return textOf(first) === value;
  return isDeepStrictEqual(value, content);
}

/** True where the text is the structured content as JSON, or that of its one field. */
function repeats(text: string, structured: JsonValue): boolean {
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
