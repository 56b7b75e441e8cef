import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { isJsonObject } from '../../src/core/json.ts';
import type { JsonObject } from '../../src/core/json.ts';

export interface FaultyCall {
  request: IncomingMessage;
  response: ServerResponse;
  message: JsonObject;
  /** An answer to it, as text. */
  answer: string;
}

export interface FaultyServer {
  url: string;
  /** What it does with a call of a tool, by the tool's name. */
  on: (tool: string, behave: (call: FaultyCall) => unknown) => void;
  /** How many requests came of each method. */
  count: (method: string) => number;
  close: () => Promise<void>;
}

const json = { 'content-type': 'application/json' };

/** A server over HTTP, right in all but what its tools are told; in this process, so that a test sees both ends. */
export async function startFaultyServer(era: 'legacy' | 'modern'): Promise<FaultyServer> {
  const behaviours = new Map<string, (call: FaultyCall) => unknown>();
  const counts = new Map<string, number>();
  const meta = { _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'faulty', version: '1.0.0' } } };
  const capabilities = { tools: {} };
  const results: Record<string, JsonObject> = {
    ping: {},
    'tools/list': { tools: [], ...(era === 'modern' && { ttlMs: 0, cacheScope: 'private', resultType: 'complete' }) },
    ...(era === 'legacy'
      ? {
          initialize: { protocolVersion: '2025-06-18', capabilities, serverInfo: { name: 'faulty', version: '1.0.0' } },
        }
      : {
          'server/discover': {
            supportedVersions: ['2026-07-28'],
            capabilities,
            resultType: 'complete',
            ttlMs: 0,
            cacheScope: 'private',
            ...meta,
          },
        }),
  };
  const server = createServer((request, response) => void take(request, response));
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.on('error', () => {});
    if (request.method !== 'POST') return void response.writeHead(405).end();
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const message: JsonObject & { method: string } = JSON.parse(text);
    const { id, method, params } = message;
    counts.set(method, (counts.get(method) ?? 0) + 1);
    if (id === undefined) return void response.writeHead(202).end();
    const name = isJsonObject(params) && method === 'tools/call' ? params['name'] : method;
    const behave = typeof name === 'string' ? behaviours.get(name) : undefined;
    const answer = JSON.stringify({ jsonrpc: '2.0', id, result: { content: [], ...meta } });
    if (behave !== undefined) return void behave({ request, response, message, answer });
    const result = results[method];
    if (method === 'tools/call') return void response.writeHead(200, json).end(answer);
    const error = { code: -32601, message: 'Method not found' };
    const body = { jsonrpc: '2.0', id, ...(result === undefined ? { error } : { result }) };
    response.writeHead(result === undefined && era === 'modern' ? 404 : 200, json).end(JSON.stringify(body));
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    on: (tool, behave) => void behaviours.set(tool, behave),
    count: (method) => counts.get(method) ?? 0,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
