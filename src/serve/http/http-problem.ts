import type { ServerResponse } from 'node:http';
import { rpcCode, type RequestId } from '../../core/protocol/rpc.ts';

/** Why a request has no better answer: the HTTP status, and the JSON-RPC error that goes with it. */
export interface HttpProblem {
  status: number;
  code: number;
  message: string;
  data?: unknown;
  /** Methods for the header `Allow`, which a 405 has to have (RFC 9110, 15.5.6). */
  allow?: string;
  /** For the header `Retry-After`, in seconds. */
  retryAfterS?: number;
  /** For the header `WWW-Authenticate`, which a 401 has to have (RFC 9110, 15.5.2). */
  challenge?: string;
  /** The answer is read by who looks for an authorization server: an error of OAuth by this code (RFC 6749, 5.2). */
  oauthError?: string;
  /** The connection is not used again. */
  closes?: boolean;
}

/** The code of refusals that JSON-RPC has no word for, as the SDK uses it. */
export const refusedCode = -32_000;

/** The code for a session that is not there (any more), as the SDK uses it: clients know it, and open a new one. */
export const sessionNotFound: HttpProblem = { status: 404, code: -32_001, message: 'Session not found' };

/** What a request that comes while we stop is answered with: it has not been read, and may be sent again to whoever comes after us. */
export const stopping: HttpProblem = {
  status: 503,
  code: rpcCode.internalError,
  message: 'mcp-marshal is stopping; this request was not carried out',
  data: { code: 'server_unavailable', applied: 'no' },
  retryAfterS: 1,
  closes: true,
};

/**
 * What a request that we can wait for no longer is answered with. Not 503, upon which clients and what stands between would send it
 * once more.
 */
export const stopped: HttpProblem = {
  status: 200,
  code: rpcCode.internalError,
  message: 'mcp-marshal was stopped while this request ran; whether it took effect is not known',
  data: { code: 'connection_lost', applied: 'unknown' },
  closes: true,
};

export function methodNotAllowed(allow: string): HttpProblem {
  return { status: 405, code: refusedCode, message: `Method not allowed; use ${allow}`, allow };
}

/** Answers with a problem; `id` is that of the request where it is known. */
export function refuse(response: ServerResponse, problem: HttpProblem, id?: RequestId): void {
  const { status, allow, retryAfterS, challenge, closes, oauthError } = problem;
  const text = oauthError === undefined ? toErrorLine(problem, id) : toOAuthError(oauthError, problem.message);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...(allow !== undefined && { Allow: allow }),
    ...(retryAfterS !== undefined && { 'Retry-After': retryAfterS }),
    ...(challenge !== undefined && { 'WWW-Authenticate': challenge }),
    ...(closes === true && { Connection: 'close' }),
  });
  response.end(text);
}

/** A problem as the JSON-RPC answer that it is: one line, with its newline. */
export function toErrorLine({ code, message, data }: HttpProblem, id?: RequestId): string {
  const error = { code, message, ...(data !== undefined && { data }) };
  return `${JSON.stringify({ jsonrpc: '2.0', error, id: id ?? null })}\n`;
}

function toOAuthError(error: string, description: string): string {
  return `${JSON.stringify({ error, error_description: description })}\n`;
}
