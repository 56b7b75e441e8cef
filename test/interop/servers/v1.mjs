// The upstream of the matrix on SDK version 1: `node v1.mjs stdio | http | sse`. Legacy era only.
//
// Over HTTP, with sessions, it prints { "url": … } once it listens, on a port of the system's choice; it ends with its input.
import { randomUUID } from 'node:crypto';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as z from 'zod';
import { answer, takeNotification } from './peer/answer.mjs';
import { capabilities, identity, instructions } from './peer/catalog.mjs';
import { join } from './peer/connections.mjs';
import { listen } from './peer/listen.mjs';
import { addOutput } from './peer/output.mjs';
import { askByRequests } from './peer/questions.mjs';

const anything = z.looseObject({});

async function connect(transport) {
  const server = new Server(identity, { capabilities, instructions });
  const subscriptions = new Set();
  const leave = join({ subscriptions, send: (method, params) => server.notification({ method, params }) });
  server.onclose = leave;
  server.fallbackNotificationHandler = takeNotification;
  server.fallbackRequestHandler = (request, extra) => {
    const notify = (method, params) => extra.sendNotification({ method, params });
    const isHeard = (level) => !server.isMessageIgnored(level, extra.sessionId);
    const message = (level, data) => ({ level, logger: 'interop', data });
    return answer(request, {
      era: 'legacy',
      meta: extra._meta,
      headers: extra.requestInfo?.headers,
      signal: extra.signal,
      capabilities: server.getClientCapabilities(),
      subscriptions,
      notify,
      log: async (level, data) => {
        if (isHeard(level)) await notify('notifications/message', message(level, data));
      },
      logOutside: (level, data) => server.sendLoggingMessage(message(level, data), extra.sessionId),
      ...askByRequests((question) => extra.sendRequest(question, anything)),
    });
  };
  await server.connect(transport);
}

const sessions = new Map();

async function serveHttp(request, response) {
  const id = request.headers['mcp-session-id'];
  const known = sessions.get(id);
  if (known !== undefined) return known.handleRequest(request, response);
  if (id !== undefined) return response.writeHead(404).end();
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, transport),
    onsessionclosed: (id) => sessions.delete(id),
  });
  await connect(transport);
  return transport.handleRequest(request, response);
}

async function serveSse(request, response, url) {
  const known = sessions.get(url.searchParams.get('sessionId'));
  if (known !== undefined) return known.handlePostMessage(request, response);
  if (request.method !== 'GET') return response.writeHead(404).end();
  const transport = new SSEServerTransport('/messages', response);
  sessions.set(transport.sessionId, transport);
  response.on('close', () => sessions.delete(transport.sessionId));
  return connect(transport);
}

const kind = process.argv[2];
if (kind === 'stdio') {
  addOutput(process.stdout);
  await connect(new StdioServerTransport());
} else {
  listen(kind === 'sse' ? { path: '/sse', serve: serveSse } : { path: '/mcp', serve: serveHttp });
}
