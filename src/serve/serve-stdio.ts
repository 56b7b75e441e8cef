import type { Readable, Writable } from 'node:stream';
import { Server, type ProtocolEra, type Result } from '@modelcontextprotocol/server';
import { serveStdio as serveSdkStdio } from '@modelcontextprotocol/server/stdio';
import type { JsonObject } from '../core/json.ts';
import { toClientRequest } from './client-request.ts';
import type { Engine } from './engine.ts';
import { handleRequest } from './handle-request.ts';
import { instructions } from './instructions.ts';
import { createStdioTransport } from './stdio-transport.ts';

/** One client's connection. */
export interface ClientConnection {
  /** Resolves when the client has gone or the connection was closed. */
  closed: Promise<void>;
  close(): Promise<void>;
}

/** Serves one client of either era over a pair of streams; the opening message decides the era. */
export function serveStdio(engine: Engine, streams: { input: Readable; output: Writable }): ClientConnection {
  const { logger } = engine;
  const transport = createStdioTransport({ ...streams, logger });
  const handle = serveSdkStdio(({ era }) => createSession(engine, era), {
    transport,
    onerror: (error) => logger.debug({ reason: error.message }, 'the client sent something odd'),
  });
  // The SDK has set its own `onclose` on the transport by now; ours follows it.
  const closed = new Promise<void>((resolve) => {
    const closeSession = transport.onclose;
    transport.onclose = () => {
      closeSession?.();
      resolve();
    };
  });
  return { closed, close: () => handle.close() };
}

function createSession(engine: Engine, era: ProtocolEra): Server {
  const server = new Server(
    { name: 'marshal', title: 'marshal', version: engine.version },
    { capabilities: { tools: { listChanged: true } }, instructions },
  );
  // The fallback handler alone hands results on untouched; handlers for known methods are checked against the SDK's schemas.
  server.fallbackRequestHandler = async (request, context) => {
    const result = await handleRequest(engine, toClientRequest(request, context));
    return (era === 'legacy' ? withoutResultType(result) : result) as Result;
  };
  const unsubscribe = engine.onCatalogChange(() => {
    server.sendToolListChanged().catch(() => {});
  });
  server.onclose = unsubscribe;
  return server;
}

/** A field of the modern era, which a modern upstream's result brings and a legacy client does not know. */
function withoutResultType(result: JsonObject): JsonObject {
  if (!('resultType' in result)) return result;
  const { resultType, ...rest } = result;
  return rest;
}
