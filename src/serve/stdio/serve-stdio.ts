import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { Server, type ProtocolEra } from '@modelcontextprotocol/server';
import { serveStdio as serveSdkStdio } from '@modelcontextprotocol/server/stdio';
import { answerCallsDirectly, envelopeText, type Negotiated } from './direct-calls.ts';
import { toClientRequest, type ClientRequest } from '../client-request.ts';
import type { Engine } from '../engine.ts';
import { handleRequest } from '../handle-request.ts';
import { instructions } from '../instructions.ts';
import { toProtocolError } from '../to-protocol-error.ts';
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
  const serverInfo = { name: 'marshal', title: 'marshal', version: engine.version };
  // Without authentication each connection is a client of its own.
  const principal = `stdio-${randomUUID()}`;
  const transport = createStdioTransport({ ...streams, logger });
  let negotiated: Negotiated | undefined;
  let legacyServer: Server | undefined;
  let hasListed = false;

  const handle = (request: ClientRequest): Promise<Record<string, unknown>> =>
    handleRequest(engine, request).catch((error: unknown) => {
      throw toProtocolError(error, logger);
    });

  /** Called by the SDK once the opening message has shown the era, and once more for a client that only probed the other one. */
  const createSession = (era: ProtocolEra): Server => {
    const server = new Server(serverInfo, { capabilities: { tools: { listChanged: true } }, instructions });
    // The fallback handler alone hands results on untouched; handlers for known methods are checked against the SDK's schemas.
    server.fallbackRequestHandler = (request, context) => {
      // The first request past the opening settles the session.
      const envelope = context.mcpReq.envelope && envelopeText(context.mcpReq.envelope);
      negotiated = { era, ...(envelope !== undefined && { envelope }) };
      hasListed ||= request.method === 'tools/list';
      return handle(toClientRequest(request, { context, principal }));
    };
    const unsubscribe = engine.onCatalogChange(() => {
      // Who has not asked for the list yet will get the new one.
      if (hasListed) server.sendToolListChanged().catch(() => {});
    });
    if (era === 'legacy') legacyServer = server;
    server.onclose = unsubscribe;
    return server;
  };

  const connection = serveSdkStdio(({ era }) => createSession(era), {
    transport,
    onerror: (error) => logger.debug({ reason: error.message }, 'the client sent something odd'),
  });
  // The SDK has set its callbacks on the transport by now; ours stand before them.
  answerCallsDirectly(transport, {
    // `initialize` settles a legacy session. Its notification `initialized` comes too late for a call in the same piece of input.
    negotiated: () => {
      if (legacyServer?.getNegotiatedProtocolVersion() !== undefined) negotiated ??= { era: 'legacy' };
      return negotiated;
    },
    serverInfo,
    principal,
    handle,
  });
  const closed = new Promise<void>((resolve) => {
    const closeSession = transport.onclose;
    transport.onclose = () => {
      closeSession?.();
      resolve();
    };
  });
  return { closed, close: () => connection.close() };
}
