// The upstream of the matrix on SDK version 2: `node v2.mjs stdio | http [legacy | modern]`. Both eras on one endpoint, unless one is named.
//
// Over HTTP, with sessions in the legacy era, it prints { "url": … } once it listens, on a port of the system's choice; it ends with its
// input.
import { randomUUID } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { NodeStreamableHTTPServerTransport, toNodeHandler, toWebRequest } from '@modelcontextprotocol/node';
import {
  CLIENT_CAPABILITIES_META_KEY,
  InMemoryServerEventBus,
  Server,
  createMcpHandler,
  isInitializeRequest,
  isLegacyRequest,
} from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';
import { answer, takeNotification } from './peer/answer.mjs';
import { capabilities, identity, instructions, toolsOf } from './peer/catalog.mjs';
import { join } from './peer/connections.mjs';
import { listen } from './peer/listen.mjs';
import { addOutput } from './peer/output.mjs';
import { askByRequests, askByRounds } from './peer/questions.mjs';

const [kind, onlyEra] = process.argv.slice(2);
const anything = z.looseObject({});

/** `isShared`: change notifications of this one go by a bus, not by its connection. */
function createPeer(era, { isShared = false } = {}) {
  const server = new Server(identity, { capabilities, instructions });
  // In the modern era the transport knows who listens to what.
  const subscriptions = era === 'legacy' ? new Set() : undefined;
  if (!isShared) {
    const leave = join({ subscriptions, send: (method, params) => server.notification({ method, params }) });
    server.onclose = leave;
  }
  server.fallbackNotificationHandler = takeNotification;
  server.fallbackRequestHandler = async (request, ctx) => {
    const { envelope, inputResponses, requestState } = ctx.mcpReq;
    const headers = ctx.http?.req?.headers;
    const result = await answer(request, {
      era,
      meta: ctx.mcpReq._meta,
      headers: headers && Object.fromEntries(headers),
      signal: ctx.mcpReq.signal,
      capabilities: era === 'modern' ? envelope?.[CLIENT_CAPABILITIES_META_KEY] : server.getClientCapabilities(),
      subscriptions,
      notify: (method, params) => ctx.mcpReq.notify({ method, params }),
      log: (level, data) => ctx.mcpReq.log(level, data, 'interop'),
      logOutside: (level, data) => server.sendLoggingMessage({ level, logger: 'interop', data }, ctx.sessionId),
      ...(era === 'modern'
        ? askByRounds({ inputResponses, requestState: requestState() })
        : askByRequests((question) => ctx.mcpReq.send(question, anything))),
    });
    if (request.method !== 'tools/call' || result.resultType !== undefined) return result;
    const tool = toolsOf(era).find(({ name }) => name === request.params.name);
    return server.projectCallToolResult(result, tool?.outputSchema);
  };
  return server;
}

const sessions = new Map();

async function serveLegacy(request, response, body) {
  const known = sessions.get(request.headers['mcp-session-id']);
  if (known !== undefined) return known.handleRequest(request, response, body);
  if (request.headers['mcp-session-id'] !== undefined) return response.writeHead(404).end();
  if (!isInitializeRequest(body)) return response.writeHead(400).end();
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await createPeer('legacy').connect(transport);
  return transport.handleRequest(request, response, body);
}

function serveHttp() {
  const bus = new InMemoryServerEventBus();
  const modern = toNodeHandler(
    createMcpHandler(() => createPeer('modern', { isShared: true }), { bus, legacy: 'reject' }),
  );
  join({ subscriptions: undefined, send: (method, params) => bus.publish(toEvent(method, params)) });
  return async (request, response) => {
    const body = request.method === 'POST' ? await json(request) : undefined;
    const isLegacy = onlyEra === 'legacy' || (await isLegacyRequest(await toWebRequest(request, body), body));
    if (isLegacy && onlyEra !== 'modern') return serveLegacy(request, response, body);
    return modern(request, response, body);
  };
}

const eventKinds = {
  'notifications/tools/list_changed': 'tools_list_changed',
  'notifications/prompts/list_changed': 'prompts_list_changed',
  'notifications/resources/list_changed': 'resources_list_changed',
  'notifications/resources/updated': 'resource_updated',
};

function toEvent(method, params) {
  return { kind: eventKinds[method], ...(params !== undefined && { params }), ...(params?.uri && { uri: params.uri }) };
}

if (kind === 'http') {
  listen({ path: '/mcp', serve: serveHttp() });
} else {
  addOutput(process.stdout);
  if (onlyEra === 'legacy') await createPeer('legacy').connect(new StdioServerTransport());
  else serveStdio(({ era }) => createPeer(era), { legacy: onlyEra === 'modern' ? 'reject' : 'serve' });
}
