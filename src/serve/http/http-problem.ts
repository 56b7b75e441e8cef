import type { ServerResponse } from 'node:http';
import type { RequestId } from '../../core/protocol/rpc.ts';

/** Why a request is refused before any session sees it: the HTTP status, and the JSON-RPC error that goes with it. */
export interface HttpProblem {
  status: number;
  code: number;
  message: string;
  data?: unknown;
  /** Methods for the header `Allow`, which a 405 has to have (RFC 9110, 15.5.6). */
  allow?: string;
  /** For the header `Retry-After`, in seconds. */
  retryAfterS?: number;
  /** The connection is not used again. */
  closes?: boolean;
}

/** The code of refusals that JSON-RPC has no word for, as the SDK uses it. */
export const refusedCode = -32_000;

/** The code for a session that is not there (any more), as the SDK uses it: clients know it, and open a new one. */
export const sessionNotFound: HttpProblem = { status: 404, code: -32_001, message: 'Session not found' };

/** What a request that is open while we stop is answered with. */
export const stopping: HttpProblem = {
  status: 503,
  code: refusedCode,
  message: 'mcp-marshal is stopping',
  closes: true,
};

export function methodNotAllowed(allow: string): HttpProblem {
  return { status: 405, code: refusedCode, message: `Method not allowed; use ${allow}`, allow };
}

/** Answers with a problem; `id` is that of the request where it is known. */
export function refuse(response: ServerResponse, problem: HttpProblem, id?: RequestId): void {
  const { status, code, message, data, allow, retryAfterS, closes } = problem;
  const text = JSON.stringify({
    jsonrpc: '2.0',
    error: { code, message, ...(data !== undefined && { data }) },
    id: id ?? null,
  });
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...(allow !== undefined && { Allow: allow }),
    ...(retryAfterS !== undefined && { 'Retry-After': retryAfterS }),
    ...(closes === true && { Connection: 'close' }),
  });
  response.end(text);
}
