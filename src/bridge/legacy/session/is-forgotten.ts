import { rpcCode } from '../../../core/protocol/rpc.ts';
import type { Ending } from '../../http/exchange.ts';

/**
 * Whether the proxy does not know the session any more: HTTP 404 to a request that names one (MCP 2025-11-25, Streamable HTTP,
 * session management). An unknown method may be a 404 as well, and says so. The request has not been carried out.
 */
export function isForgotten(ending: Ending): boolean {
  return ending.kind === 'refused' && ending.status === 404 && ending.error?.code !== rpcCode.methodNotFound;
}

/**
 * The same for a ping, which a living session does not refuse: many servers answer 400 where a session is unknown. What is said of
 * credentials, or of being busy, says nothing of the session.
 */
export function isPingForgotten(ending: Ending): boolean {
  if (ending.kind !== 'refused' || ending.error?.code === rpcCode.methodNotFound) return false;
  return ending.status >= 400 && ending.status < 500 && ![401, 403, 408, 429].includes(ending.status);
}
