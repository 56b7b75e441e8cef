import { isJsonObject, type JsonObject } from '../../../core/json.ts';

/**
 * The result of a modern server's tool for a legacy client, which knows structured content as an object only: any other is wrapped
 * as `{ result: … }`, also an object whose schema is not one of an object, since that is wrapped in the list of tools. What was not
 * an object is told as text as well, where no text is there (MCP 2026-07-28, SEP-2106). Anything else is the same result.
 */
export function toLegacyResult(result: JsonObject, outputSchema: unknown): JsonObject {
  const { structuredContent, content } = result;
  if (structuredContent === undefined) return result;
  const isObject = isJsonObject(structuredContent);
  const isOfObjects = !isJsonObject(outputSchema) || outputSchema['type'] === 'object';
  if (isObject && isOfObjects) return result;
  const wrapped = { ...result, structuredContent: { result: structuredContent } };
  const blocks = Array.isArray(content) ? content : [];
  const hasText = blocks.some((block) => isJsonObject(block) && block['type'] === 'text');
  if (isObject || hasText) return wrapped;
  return { ...wrapped, content: [...blocks, { type: 'text', text: JSON.stringify(structuredContent) }] };
}
