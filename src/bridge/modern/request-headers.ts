import type { JsonValue } from '../../core/json.ts';
import { encodeHeaderText } from '../../core/protocol/param-headers.ts';
import { modernVersionOf, paramsOf, type Message } from '../message.ts';

/** The headers that repeat what a message of the modern era says (MCP 2026-07-28, Streamable HTTP, standard headers). */
export function requestHeaders(message: Message): Record<string, string> {
  const { method } = message;
  const version = modernVersionOf(message);
  const name = nameOf(message);
  return {
    ...(version !== undefined && { 'MCP-Protocol-Version': version }),
    ...(typeof method === 'string' && { 'Mcp-Method': method }),
    ...(typeof name === 'string' && { 'Mcp-Name': encodeHeaderText(name) }),
  };
}

/** Where each method names what it is about. */
const nameFields: ReadonlyMap<JsonValue | undefined, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

function nameOf(message: Message): JsonValue | undefined {
  const field = nameFields.get(message['method']);
  return field === undefined ? undefined : paramsOf(message)[field];
}
