import { isJsonObject } from '../../../core/json.ts';
import { readRetryAfter } from './retry-after.ts';
import type { SendFailure } from './send-failure.ts';

/** What came with the status. Its body is read for a JSON-RPC error, and never shown. */
export interface StatusFacts {
  text?: unknown;
  /** The header of that name. */
  retryAfter?: unknown;
  [other: string]: unknown;
}

/** What an HTTP status that is no success says of the request that it answers. */
export function explainStatus(status: number, { text, retryAfter }: StatusFacts): SendFailure {
  const rpc = typeof text === 'string' ? parseRpcError(text) : undefined;
  const known = { sent: true, endsConnection: false, status, ...(rpc && { rpc }) };
  if (status === 401 || status === 403) {
    return { ...known, reason: `it refuses our credentials (HTTP ${status}); check "headers"` };
  }
  if (status === 404 && rpc?.code !== methodNotFound) {
    // A legacy server that answers 404 has forgotten the session, and must say so before it looks at the request (MCP 2025-03-26
    // and later, session management); any other 404 says that nothing stands at this address. Neither has run it, so that whatever it
    // was may be sent once more in a new session.
    const reason = 'it has forgotten the session, or has moved (HTTP 404)';
    return { sent: false, endsConnection: true, reason, fault: 'transport' };
  }
  if (status === 307 || status === 308) {
    // The request is to be made elsewhere (RFC 9110, 15.4.8), so it has not been run here.
    const reason = `it sends us elsewhere (HTTP ${status}), where we do not follow; correct "url"`;
    return { sent: false, endsConnection: false, reason };
  }
  if (status === 429 || status === 503) {
    const retryAfterMs = readRetryAfter(retryAfter, Date.now());
    const reason = `it has too much to do (HTTP ${status})`;
    return { ...known, reason, fault: 'busy', ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  const reason = `it answered with HTTP ${status}`;
  // From whatever stands between us and the server, which did not answer it in time.
  return { ...known, reason, ...(gateway.has(status) && { fault: 'transport' }) };
}

const gateway: ReadonlySet<number> = new Set([408, 502, 504]);
const methodNotFound = -32601;

function parseRpcError(text: string): SendFailure['rpc'] {
  try {
    const body: unknown = JSON.parse(text);
    const error = isJsonObject(body) ? body['error'] : undefined;
    if (!isJsonObject(error)) return undefined;
    const { code, message, data } = error;
    if (typeof code !== 'number' || typeof message !== 'string') return undefined;
    return { code, message, ...(data !== undefined && { data }) };
  } catch {
    return undefined;
  }
}
