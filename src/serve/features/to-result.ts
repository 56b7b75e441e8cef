import { ProtocolError } from '@modelcontextprotocol/server';
import type { JsonObject } from '../../core/json.ts';
import type { Reply } from '../../core/protocol/rpc.ts';

/**
 * What a reply held.
 * @throws ProtocolError with the server's own code, message and data where it answered with an error
 */
export function toResult(reply: Reply): JsonObject {
  if (reply.ok) return reply.result;
  const { code, message, data } = reply.error;
  throw new ProtocolError(code, message, data);
}
