import { classifyInboundRequest, type InboundHttpRequest } from '@modelcontextprotocol/server';
import type { IncomingHttpHeaders } from 'node:http';
import type { HttpProblem } from '../http-problem.ts';

/** The era of a POST; of a modern one, the revision that its envelope or else its header names. */
export type RequestEra =
  | { kind: 'legacy' }
  | { kind: 'modern'; revision: string | undefined }
  | { kind: 'refused'; problem: HttpProblem };

/** Judges a body and its headers as the reference does: its own function, so that what it refuses first we refuse in the same words. */
export function classifyRequest(headers: IncomingHttpHeaders, body: unknown): RequestEra {
  const inbound: InboundHttpRequest = { httpMethod: 'POST', body };
  const version = headers['mcp-protocol-version'];
  const method = headers['mcp-method'];
  const name = headers['mcp-name'];
  if (typeof version === 'string') inbound.protocolVersionHeader = version;
  if (typeof method === 'string') inbound.mcpMethodHeader = method;
  if (typeof name === 'string') inbound.mcpNameHeader = name;
  const judged = classifyInboundRequest(inbound);
  if (judged.kind === 'legacy') return { kind: 'legacy' };
  if (judged.kind === 'modern') return { kind: 'modern', revision: judged.classification.revision };
  const { httpStatus: status, code, message, data } = judged;
  return { kind: 'refused', problem: { status, code, message, data } };
}
