import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { InMemoryEventStore } from '@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js';
import { McpServer as McpServerV1, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { SubscribeRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { createMcpHandler, McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import * as z from 'zod';

/** A proxy made with an SDK, which can be killed and started again at the same address. */
export interface SdkProxy {
  url: string;
  /** What happened: `call NAME`, `cancelled`, `session opened`, `session ended`, `subscribed URI`, `level LEVEL`. */
  events: string[];
  /** Tells every client with an open stream that the tools have changed. */
  announce(): void;
  /** Cuts all connections; `start` after it knows nothing of what was. */
  kill(): Promise<void>;
  /** Cuts all connections, but forgets nothing. */
  cut(): Promise<void>;
  /** Stops in good order: streams are ended, not cut. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;

interface Life {
  listener: Listener;
  announce(): void;
  end(): Promise<unknown>;
}

async function startProxy(begin: (events: string[]) => Life): Promise<SdkProxy> {
  const events: string[] = [];
  let life: Life | undefined;
  let server: HttpServer | undefined;
  let port = 0;
  const proxy: SdkProxy = {
    url: '',
    events,
    announce: () => life?.announce(),
    async cut() {
      const stopped = server;
      if (stopped === undefined) return;
      server = undefined;
      const closed = once(stopped, 'close');
      stopped.close();
      stopped.closeAllConnections();
      await closed;
    },
    async kill() {
      await proxy.cut();
      const ended = life;
      life = undefined;
      await ended?.end();
    },
    async stop() {
      await life?.end();
      await proxy.kill();
    },
    async start() {
      life ??= begin(events);
      const { listener } = life;
      server = createServer((request, response) => void listener(request, response).catch(() => response.destroy()));
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('expected a port');
      port = address.port;
    },
  };
  await proxy.start();
  proxy.url = `http://127.0.0.1:${port}/mcp`;
  return proxy;
}

const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });

/** Sessions of SDK version 1, with numbered streams that can be resumed. */
export function startV1Proxy(): Promise<SdkProxy> {
  return startProxy((events) => {
    const sessions = new Map<string, { transport: StreamableHTTPServerTransport; server: McpServerV1 }>();
    return {
      announce: () => [...sessions.values()].forEach(({ server }) => server.sendToolListChanged()),
      end: () => Promise.all([...sessions.values()].map(({ transport }) => transport.close())),
      async listener(request, response) {
        const id = request.headers['mcp-session-id'];
        const known = typeof id === 'string' ? sessions.get(id) : undefined;
        if (known !== undefined) return known.transport.handleRequest(request, response);
        if (id !== undefined) {
          response.writeHead(404, { 'content-type': 'application/json' });
          return response.end('{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}');
        }
        const server = createV1Server(events);
        const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
          sessionIdGenerator: () => randomUUID(),
          eventStore: new InMemoryEventStore(),
          onsessioninitialized: (session) => {
            events.push('session opened');
            sessions.set(session, { transport, server });
          },
          onsessionclosed: () => void events.push('session ended'),
        });
        await server.connect(transport);
        return transport.handleRequest(request, response);
      },
    };
  });
}

function createV1Server(events: string[]): McpServerV1 {
  const server = new McpServerV1(
    { name: 'v1', version: '1.0.0' },
    { capabilities: { resources: { subscribe: true }, logging: {} } },
  );
  server.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    events.push(`subscribed ${params.uri}`);
    return {};
  });
  server.registerResource('note', new ResourceTemplate('note://{name}', { list: undefined }), {}, ({ href }) => ({
    contents: [{ uri: href, text: 'a note' }],
  }));
  server.registerPrompt('greet', { argsSchema: { name: z.string() } }, ({ name }) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Hello ${name}` } }],
  }));
  server.registerTool(
    'add',
    { inputSchema: { a: z.number(), b: z.number() }, outputSchema: { sum: z.number() } },
    (args) => {
      events.push('call add');
      return { ...text(String(args.a + args.b)), structuredContent: { sum: args.a + args.b } };
    },
  );
  server.registerTool(
    'steps',
    { inputSchema: { count: z.number() } },
    async ({ count }, { _meta, sendNotification }) => {
      const progressToken = _meta?.progressToken ?? 0;
      for (let progress = 1; progress <= count; progress++) {
        await sendNotification({ method: 'notifications/progress', params: { progressToken, progress } });
      }
      return text('done');
    },
  );
  server.registerTool('wait', { inputSchema: { ms: z.number() } }, ({ ms }, { signal, _meta, sendNotification }) => {
    events.push('call wait');
    const progressToken = _meta?.progressToken;
    if (progressToken !== undefined) {
      void sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 0 } });
    }
    return waited(ms, { signal, events });
  });
  server.registerTool('ask', {}, async () => {
    const { action } = await server.server.elicitInput({
      message: 'Sure?',
      requestedSchema: { type: 'object', properties: { sure: { type: 'boolean' } } },
    });
    return text(action);
  });
  return server;
}

/** The handler of SDK version 2: modern clients, and legacy ones without sessions. */
export function startV2Proxy(): Promise<SdkProxy> {
  return startProxy((events) => {
    const handler = createMcpHandler(() => createV2Server(events));
    const listener = toNodeHandler(handler);
    return {
      // The handler's types know nothing of `exactOptionalPropertyTypes`.
      listener: (request, response) =>
        listener(Object.assign(request, { method: request.method ?? '', url: request.url ?? '' }), response),
      announce: handler.notify.toolsChanged,
      end: handler.close,
    };
  });
}

function createV2Server(events: string[]): McpServerV2 {
  const server = new McpServerV2({ name: 'v2', version: '2.0.0' }, { capabilities: { tools: { listChanged: true } } });
  server.registerTool(
    'add',
    { inputSchema: z.object({ a: z.number(), b: z.number() }), outputSchema: z.object({ sum: z.number() }) },
    ({ a, b }) => {
      events.push('call add');
      return { ...text(String(a + b)), structuredContent: { sum: a + b } };
    },
  );
  server.registerTool(
    'region',
    { inputSchema: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }) },
    ({ region }) => text(region),
  );
  server.registerTool('steps', { inputSchema: z.object({ count: z.number() }) }, async ({ count }, { mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken ?? 0;
    for (let progress = 1; progress <= count; progress++) {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } });
    }
    return text('done');
  });
  server.registerTool('wait', { inputSchema: z.object({ ms: z.number() }) }, ({ ms }, { mcpReq }) => {
    events.push('call wait');
    return waited(ms, { signal: mcpReq.signal, events });
  });
  return server;
}

function waited(ms: number, { signal, events }: { signal: AbortSignal; events: string[] }) {
  return new Promise<ReturnType<typeof text>>((resolve) => {
    const timer = setTimeout(() => resolve(text('waited')), ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      events.push('cancelled');
      resolve(text('cancelled'));
    });
  });
}
