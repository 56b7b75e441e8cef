import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { JsonObject } from '../../src/core/json.ts';

/** One HTTP request as the proxy saw it, and the ways to answer it. */
export interface Arrival {
  http: string;
  headers: IncomingHttpHeaders;
  /** The JSON-RPC message; an empty object where there is none. */
  message: JsonObject;
  response: ServerResponse;
  json(message: JsonObject, options?: { status?: number; headers?: Record<string, string> }): void;
  /** Answers the request that came with this result. */
  result(result: JsonObject, headers?: Record<string, string>): void;
  status(status: number, body?: string): void;
  /** Opens a stream; what comes back writes one event, with an id if one is given. */
  stream(): (message: JsonObject | undefined, id?: string) => void;
}

/** A proxy made of bare HTTP that can be ended and started again at the same address. */
export interface RawProxy {
  url: string;
  arrivals: Arrival[];
  /** Arrivals of one JSON-RPC method, or of one HTTP method. */
  of(method: string): Arrival[];
  /** Ends all connections in the middle, and is gone. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** What answers from now on. */
  handle: (arrival: Arrival) => void;
}

export async function startRawProxy(handle: (arrival: Arrival) => void): Promise<RawProxy> {
  let server: Server | undefined;
  let port = 0;
  const listen = async (): Promise<void> => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        const arrival = toArrival(request.method ?? '', request.headers, body === '' ? {} : JSON.parse(body), response);
        proxy.arrivals.push(arrival);
        proxy.handle(arrival);
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('expected a port');
    port = address.port;
  };
  const proxy: RawProxy = {
    url: '',
    arrivals: [],
    of: (method) => proxy.arrivals.filter(({ http, message }) => http === method || message['method'] === method),
    async stop() {
      const stopped = server;
      server = undefined;
      if (stopped === undefined) return;
      const closed = once(stopped, 'close');
      stopped.close();
      stopped.closeAllConnections();
      await closed;
    },
    start: listen,
    handle,
  };
  await listen();
  proxy.url = `http://127.0.0.1:${port}/mcp`;
  return proxy;
}

function toArrival(http: string, headers: IncomingHttpHeaders, message: JsonObject, response: ServerResponse): Arrival {
  const json: Arrival['json'] = (answer, { status = 200, headers: own = {} } = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...own });
    response.end(JSON.stringify(answer));
  };
  return {
    http,
    headers,
    message,
    response,
    json,
    result: (result, own) =>
      json({ jsonrpc: '2.0', id: message['id'], result }, own === undefined ? {} : { headers: own }),
    status: (status, body) => void response.writeHead(status).end(body),
    stream() {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      return (event, id) => {
        if (id !== undefined) response.write(`id: ${id}\n`);
        response.write(`data: ${event === undefined ? '' : JSON.stringify(event)}\n\n`);
      };
    },
  };
}

export interface LegacyScript {
  /** Answers what is neither the handshake nor a ping. Absent: with an empty result. */
  onRequest?: (arrival: Arrival) => void;
  /** Gets the writer of each standing stream. Absent: the proxy has no such streams. */
  onStream?: (write: (message: JsonObject | undefined, id?: string) => void, arrival: Arrival) => void;
  opening?: () => JsonObject;
}

/** A handler that keeps sessions as a legacy proxy does; `forget` makes it lose them. */
export function legacyScript({ onRequest, onStream, opening }: LegacyScript = {}): {
  handle: (arrival: Arrival) => void;
  forget: () => void;
  sessions: string[];
} {
  const sessions: string[] = [];
  let known = new Set<string>();
  return {
    sessions,
    forget: () => void (known = new Set()),
    handle(arrival) {
      const { http, message, headers } = arrival;
      const session = headers['mcp-session-id'];
      if (message['method'] === 'initialize') {
        const id = `session-${sessions.length + 1}`;
        sessions.push(id);
        known.add(id);
        return arrival.result(opening?.() ?? openingResult, { 'mcp-session-id': id });
      }
      if (typeof session !== 'string' || !known.has(session)) {
        const error = { code: -32001, message: 'Session not found' };
        return arrival.json({ jsonrpc: '2.0', id: null, error }, { status: 404 });
      }
      if (http === 'DELETE') return arrival.status(200);
      if (http === 'GET') return onStream === undefined ? arrival.status(405) : onStream(arrival.stream(), arrival);
      if (message['id'] === undefined || message['method'] === undefined) return arrival.status(202);
      if (message['method'] === 'ping' || onRequest === undefined) return arrival.result({});
      return onRequest(arrival);
    },
  };
}

export const openingResult = {
  protocolVersion: '2025-06-18',
  capabilities: {
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    logging: {},
  },
  serverInfo: { name: 'raw', version: '1' },
};
