import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';
import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from '../../../core/json.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import { refusedCode, type HttpProblem } from '../http-problem.ts';

/** As many messages as the SDK takes in one body. */
const maxBatch = 100;

/** The last revision with batches of JSON-RPC; 2025-06-18 has taken them out. */
const lastWithBatches = '2025-03-26';

/** Refuses a client that does not take what it may be answered with (MCP, Streamable HTTP). As the SDK, which reads no wildcards. */
export function checkAccept({ accept = '' }: IncomingHttpHeaders, types: readonly string[]): HttpProblem | undefined {
  if (types.every((type) => accept.includes(type))) return undefined;
  const both = types.length > 1 ? 'both ' : '';
  return {
    status: 406,
    code: refusedCode,
    message: `Not Acceptable: Client must accept ${both}${types.join(' and ')}`,
  };
}

/** Whether a client names streams before plain bodies. Both are good to HTTP; who writes them in this order is taken at its word. */
export function prefersStream({ accept = '' }: IncomingHttpHeaders): boolean {
  const [stream, plain] = [accept.indexOf('text/event-stream'), accept.indexOf('application/json')];
  return stream !== -1 && stream < plain;
}

/** Refuses a revision that no legacy session speaks. Without the header it is the one agreed on at the opening. */
export function checkVersion(headers: IncomingHttpHeaders): HttpProblem | undefined {
  const version = headers['mcp-protocol-version'];
  if (version === undefined || SUPPORTED_PROTOCOL_VERSIONS.some((supported) => supported === version)) return undefined;
  return badRequest(
    `Unsupported protocol version: ${String(version)} (supported versions: ${SUPPORTED_PROTOCOL_VERSIONS.join(', ')})`,
  );
}

/** Refuses a batch that is too long, or opens a session. */
export function checkBatch(messages: readonly JsonObject[]): HttpProblem | undefined {
  if (messages.length > maxBatch) return invalidRequest(`Batch must not exceed ${maxBatch} messages`);
  return messages.some(({ method }) => method === 'initialize')
    ? invalidRequest('an initialize request must stand alone')
    : undefined;
}

/** Refuses a batch in a session of a revision that has none. */
export function checkBatchOf(revision: string | undefined): HttpProblem | undefined {
  return revision !== undefined && revision > lastWithBatches
    ? invalidRequest(`JSON-RPC batches are not part of protocol revision ${revision}`)
    : undefined;
}

export const sessionIdRequired = badRequest('Mcp-Session-Id header is required; begin with initialize');
export const alreadyOpen = invalidRequest('Server already initialized');

function badRequest(reason: string): HttpProblem {
  return { status: 400, code: refusedCode, message: `Bad Request: ${reason}` };
}

function invalidRequest(reason: string): HttpProblem {
  return { status: 400, code: rpcCode.invalidRequest, message: `Invalid Request: ${reason}` };
}
