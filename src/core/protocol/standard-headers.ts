import type { JsonObject, JsonValue } from '../json.ts';
import { encodeHeaderText } from './param-headers.ts';

/** Where each method names what it is about. */
const nameFields: ReadonlyMap<JsonValue | undefined, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** The headers that repeat what a message of the modern era says (MCP 2026-07-28, Streamable HTTP, standard headers). */
export function standardHeaders(
  { method, params }: { method?: JsonValue | undefined; params: JsonObject },
  version: string | undefined,
): Record<string, string> {
  const field = nameFields.get(method);
  const name = field === undefined ? undefined : params[field];
  return {
    ...(version !== undefined && { 'MCP-Protocol-Version': version }),
    ...(typeof method === 'string' && { 'Mcp-Method': method }),
    ...(typeof name === 'string' && { 'Mcp-Name': encodeHeaderText(name) }),
  };
}
