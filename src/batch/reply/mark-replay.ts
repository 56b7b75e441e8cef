import { isJsonObject, type JsonObject } from '../../core/json.ts';

/** What is to be said with a reply that was given before. */
export function replayWords(batchId: string): string {
  return `a replay: batch ${batchId} has run already under this idempotencyKey, and nothing was run again`;
}

/** A recorded reply, which says of itself that it is one: as the second line of its summary, and among its warnings. */
export function markReplay(reply: JsonObject, batchId: string): JsonObject {
  const words = replayWords(batchId);
  const { content, structuredContent } = reply;
  const [head, ...blocks] = Array.isArray(content) ? content : [];
  const text = isJsonObject(head) && typeof head['text'] === 'string' ? head['text'] : '';
  const [summary = '', ...lines] = text.split('\n');
  const marked: JsonObject = {
    ...reply,
    content: [{ type: 'text', text: [summary, `warning: ${words}`, ...lines].join('\n') }, ...blocks],
  };
  if (!isJsonObject(structuredContent)) return marked;
  const warnings = Array.isArray(structuredContent['warnings']) ? structuredContent['warnings'] : [];
  return { ...marked, structuredContent: { ...structuredContent, warnings: [words, ...warnings] } };
}
