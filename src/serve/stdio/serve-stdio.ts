import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { Aborter } from '../../core/abort.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Limits } from '../../core/limits.ts';
import type { Reception } from '../engine.ts';
import { stopped, stopping } from '../http/http-problem.ts';
import { errorAnswer } from '../session/answers.ts';
import { claimsModern, missingEnvelope, unsupportedVersion } from '../session/modern/envelope.ts';
import { createLegacySession } from '../session/legacy-session.ts';
import { createModernClients } from '../session/modern/modern-clients.ts';
import { isRequestId } from '../session/read-message.ts';
import type { Exchange } from '../session/session.ts';
import { createOpenRequests } from './open-requests.ts';
import { createStdioTransport } from './stdio-transport.ts';
import { untilWritten } from './until-written.ts';

/** A client that reads has its last answers by then; one that does not is not waited for. */
const lastWordsMs = 500;

/** One client's connection. */
export interface ClientConnection {
  /** Resolves when the client has gone or the connection was closed. */
  closed: Promise<void>;
  /** Takes no more requests, and resolves when those that are open have their answers, or after `ms`, or when the client has gone. */
  drain(ms: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves one client over a pair of streams, in the era that its messages show. A client may ask for the newer one and turn to the
 * older; once it has used the newer, it has to go on with it.
 */
export function serveStdio(
  reception: Reception,
  streams: { input: Readable; output: Writable; limits?: Limits },
): ClientConnection {
  // Without authentication each connection is a client of its own.
  const principal = `stdio-${randomUUID()}`;
  const open = new Set<{ id: unknown; signal: Aborter }>();
  const requests = createOpenRequests(reception.clock);
  let isModern = false;
  let isDraining = false;

  const transport = createStdioTransport({ ...streams, logger: reception.logger });
  const send = (message: JsonObject): void => {
    requests.sent(message);
    // A client that has gone gets nothing; the transport has said so by then.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- messages pass as they came, whatever the SDK's types know
    transport.send(message as unknown as JSONRPCMessage).catch(() => {});
  };
  const legacy = createLegacySession(reception, { principal, transport: 'stdio', outlet: { send } });
  const modern = createModernClients(reception, {
    isShared: false,
    transport: 'stdio',
    onStrayNotice: (notice) => send({ jsonrpc: '2.0', ...notice }),
  });

  const serveModern = (message: JsonObject): void => {
    const { id, method } = message;
    if (method === 'notifications/cancelled') return cancel(message);
    // A client that only asks what we speak has not chosen yet.
    isModern ||= method !== 'server/discover';
    const entry = { id, signal: new Aborter() };
    const isRequest = 'id' in message;
    if (isRequest) open.add(entry);
    const exchange: Exchange = {
      principal,
      signal: entry.signal,
      send(answer) {
        // A request that has been answered or cancelled has nothing to tell any more.
        if (entry.signal.aborted || (isRequest && !open.has(entry))) return;
        if (!('method' in answer)) open.delete(entry);
        send(answer);
      },
    };
    modern.receive(message, exchange);
  };

  const cancel = ({ params }: JsonObject): void => {
    const requestId = isJsonObject(params) ? params['requestId'] : undefined;
    // All that were given this id: which of them is meant cannot be told.
    for (const entry of open) {
      if (entry.id !== requestId) continue;
      open.delete(entry);
      entry.signal.abort();
    }
  };

  const refuseLegacy = ({ id, method, params }: JsonObject): void => {
    if (!isRequestId(id)) return;
    const requested = isJsonObject(params) ? params['protocolVersion'] : undefined;
    const error =
      method === 'initialize'
        ? unsupportedVersion(typeof requested === 'string' ? requested : undefined)
        : missingEnvelope;
    send(errorAnswer(id, error));
  };

  const take = (message: JsonObject): void => {
    // Answers to what servers ask, and cancellations, are part of what is still running.
    if (isDraining && 'method' in message && isRequestId(message['id'])) {
      return send(errorAnswer(message['id'], stopping));
    }
    requests.received(message);
    if (claimsModern(message)) return serveModern(message);
    if (message['method'] === 'notifications/cancelled') cancel(message);
    if (isModern && 'method' in message) refuseLegacy(message);
    else legacy.receive(message);
  };

  const closed = new Promise<void>((resolve) => {
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport has callbacks, not events
    transport.onclose = () => {
      requests.close();
      legacy.close();
      for (const { signal } of open) signal.abort();
      modern.close();
      resolve();
    };
  });
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- as above
  transport.onmessage = (message) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the transport has made sure that it is an object of JSON
    take(message as unknown as JsonObject);
  };
  transport.onerror = (error) =>
    reception.logger.error({ reason: String(error) }, 'a message failed inside mcp-marshal');
  void transport.start();
  return {
    closed,
    drain(ms) {
      isDraining = true;
      return requests.drained(ms);
    },
    async close() {
      if (isDraining) {
        for (const id of requests.ids()) send(errorAnswer(id, stopped));
        await untilWritten(streams.output, { clock: reception.clock, limitMs: lastWordsMs });
      }
      await transport.close();
    },
  };
}
