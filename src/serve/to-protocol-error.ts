import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Logger } from '../lib/logger.ts';

/** What a client is told of an error: that of the protocol as it is, and of a bug only that there was one; the log says which. */
export function toProtocolError(error: unknown, logger: Logger): ProtocolError {
  if (error instanceof ProtocolError) return error;
  logger.error({ reason: String(error) }, 'a request failed inside mcp-marshal');
  return new ProtocolError(ProtocolErrorCode.InternalError, 'internal error of mcp-marshal; its log says why');
}
