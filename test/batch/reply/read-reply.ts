import { isJsonObject } from '../../../src/core/json.ts';
import type { JsonObject } from '../../../src/core/json.ts';

/** The content blocks of a reply. */
export function blocksOf(reply: JsonObject): JsonObject[] {
  const { content } = reply;
  return Array.isArray(content) ? content.filter((block) => isJsonObject(block)) : [];
}

/** Its texts, a block each. */
export function textsOf(reply: JsonObject): string[] {
  return blocksOf(reply).flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
}

/** All text of a reply, that of embedded resources included. */
export function charsOf(reply: JsonObject): number {
  return blocksOf(reply).reduce((sum, { text, resource }) => {
    const inner = isJsonObject(resource) ? resource['text'] : undefined;
    return sum + [text, inner].reduce((chars: number, one) => chars + (typeof one === 'string' ? one.length : 0), 0);
  }, 0);
}

/** The results of a structured reply. */
export function rowsOf(reply: JsonObject): JsonObject[] {
  const { structuredContent } = reply;
  const results = isJsonObject(structuredContent) ? structuredContent['results'] : undefined;
  return Array.isArray(results) ? results.filter((row) => isJsonObject(row)) : [];
}
