import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

/** What a client is told of an error: that of the protocol as it is, and of a bug only that there was one. */
export function toRpcError(error: unknown): { code: number; message: string; data?: unknown } {
  if (!(error instanceof ProtocolError))
    return { code: ProtocolErrorCode.InternalError, message: 'internal error of mcp-marshal; its log says why' };
  const { code, message, data } = error;
  return { code, message, ...(data !== undefined && { data }) };
}
