import { isJsonObject, type JsonObject } from '../core/json.ts';
import { rpcCode } from '../core/protocol/rpc.ts';
import { limits } from './limits.ts';
import type { Verdict } from './link/gate.ts';
import type { ErrorObject } from './message.ts';

/**
 * Errors that the bridge itself answers with. Their code is −32603 (internal error), which every client knows for a failure behind
 * the server it talks to; −32000 would be nearer, but to SDK clients it says that their own connection, to us, has closed. What
 * happened stands in `data.code`, in the words of batch results, and `data.applied` says what is known of an effect.
 */
function failure(message: string, data: JsonObject): ErrorObject {
  return { code: rpcCode.internalError, message, data };
}

/** The request was sent, and its answer will not come. */
export function connectionLost(reason: string): ErrorObject {
  return failure(
    `the connection to the proxy was lost before it answered (${reason}); if this request changes something, it is not known whether it has`,
    { code: 'connection_lost', applied: 'unknown' },
  );
}

/** The request waited in vain, and was never sent. */
export function notSent(verdict: Exclude<Verdict, 'passed' | 'aborted'>, reason: string | undefined): ErrorObject {
  if (verdict === 'full') {
    return failure(`${limits.maxWaiting} requests wait for the proxy already; this one was not sent`, {
      code: 'limit_exceeded',
      applied: 'no',
    });
  }
  const because = reason === undefined ? '' : ` (${reason})`;
  return failure(
    `the proxy could not be reached within ${limits.maxWaitMs / 1000} s${because}; this request was not sent`,
    { code: 'server_unavailable', applied: 'no' },
  );
}

/** The proxy answered with an HTTP error. The body's own JSON-RPC error stays as it is, but for the status before its words. */
export function httpRefusal(status: number, error: ErrorObject | undefined): ErrorObject {
  // What the proxy says is for who writes HTTP; whoever has set up the bridge has other things to do about it.
  if (status === 401) return failure(refusedCredentials, { code: 'upstream_error', status, applied: 'no' });
  if (error !== undefined) {
    return { ...error, message: `HTTP ${status}: ${error.message}`, data: error.data ?? { status } };
  }
  // Below 500 the request itself was refused; from there on something failed, perhaps half-way.
  const applied = status >= 500 ? 'unknown' : 'no';
  return failure(explainStatus(status), { code: 'upstream_error', status, applied });
}

/**
 * Whether the proxy has refused a request unread, because it is stopping: 503, in the words of its own for that. It is provably not
 * carried out, and may be sent again to the proxy that comes after. Any other 503 may be of somebody in between, who has passed it on.
 */
export function wasLeftUnread(status: number, error: ErrorObject | undefined): boolean {
  const data = error?.['data'];
  return status === 503 && isJsonObject(data) && data['code'] === 'server_unavailable' && data['applied'] === 'no';
}

/** The proxy answered with something that is no answer. */
export function unreadable(reason: string): ErrorObject {
  return failure(`the proxy's answer cannot be read: ${reason}`, { code: 'upstream_error', applied: 'unknown' });
}

/** The request cannot be sent as it is. */
export function unsendable(reason: string): ErrorObject {
  return { code: rpcCode.invalidRequest, message: `this request cannot be sent: ${reason}` };
}

const refusedCredentials =
  'the proxy refuses the credentials of this bridge, or wants some and got none (HTTP 401): set MCP_MARSHAL_TOKEN where the bridge is started, or --token-file, to a token of mcp-marshal token create';

function explainStatus(status: number): string {
  if (status === 403) return `the proxy refuses the credentials that the bridge has (HTTP ${status})`;
  if (status === 413) return 'the request is larger than the proxy takes (HTTP 413)';
  if (status >= 300 && status < 400)
    return `the proxy redirects, which is not followed (HTTP ${status}); give the URL it leads to`;
  return `the proxy answered with HTTP ${status}`;
}
