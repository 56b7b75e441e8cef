import type { Readable, Writable } from 'node:stream';
import { isJsonObject } from '../core/json.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createMonotonicClock } from '../lib/monotonic-clock.ts';
import { createStdioTransport } from '../serve/stdio/stdio-transport.ts';
import { createDesk } from './desk.ts';
import { createEndpoint } from '../lib/http/endpoint.ts';
import { createWire } from './http/wire.ts';
import { createLegacyClient } from './legacy/legacy-client.ts';
import { createLink } from './link/link.ts';
import {
  cancelledIdOf,
  isAnswer,
  isNotification,
  isRequest,
  isWireMessage,
  modernVersionOf,
  type Message,
} from './message.ts';
import { createModernClient } from './modern/modern-client.ts';

export interface BridgeOptions {
  /** Where a proxy serves MCP over HTTP. */
  url: string;
  /** Sent with every request to it. Never logged. */
  headers?: Readonly<Record<string, string>>;
  logger: Logger;
  streams: { input: Readable; output: Writable };
  /** Absent: the real one. */
  clock?: Clock;
  /** 0 to 1. Absent: at random. */
  random?: () => number;
}

export interface Bridge {
  /** Resolves when the client has gone or the bridge was closed, and the proxy has been told. */
  closed: Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves one client over stdio in front of a proxy that runs elsewhere, whose restarts the client outlives. No message is changed on
 * its way; what the bridge adds are errors for requests that cannot be answered, and the news that lists may have changed.
 * @throws TypeError for a URL that is not HTTP, and for headers that HTTP cannot carry
 */
export function createBridge(options: BridgeOptions): Bridge {
  const { url, headers = {}, logger, streams, clock = createMonotonicClock(), random = Math.random } = options;
  // A restart may come at any time, and what it is to cost a client is its wait, not a call.
  const endpoint = createEndpoint(url, { headers, trustForMs: 0 });
  const transport = createStdioTransport({ ...streams, logger });
  const desk = createDesk(async (message) => {
    if (!isWireMessage(message))
      return logger.warn({}, 'the proxy sent something that is no JSON-RPC message; passed over');
    // A client that takes nothing any more is about to be noticed as gone.
    await transport.send(message).catch(() => {});
  });
  const link = createLink({ clock, random, logger, restore: (attempt) => legacy.restore(attempt) });
  const parts = { desk, link, wire: createWire({ endpoint, clock }), clock, random, logger };
  const legacy = createLegacyClient({ ...parts, knock: endpoint.knock });
  const modern = createModernClient(parts);

  const take = (message: Message): void => {
    const isModern = modernVersionOf(message) !== undefined;
    if (isRequest(message)) (isModern ? modern : legacy).request(message);
    else if (isAnswer(message)) legacy.answer(message);
    else if (!isNotification(message)) logger.warn({}, 'the client sent a message that is none; passed over');
    else if (!cancelModern(message)) (isModern ? modern : legacy).notify(message);
  };

  /** In the modern era a request is cancelled by closing its exchange. */
  const cancelModern = (message: Message): boolean => {
    const id = cancelledIdOf(message);
    const request = id === undefined ? undefined : desk.find(id);
    if (request === undefined || modernVersionOf(request.message) === undefined) return false;
    request.drop();
    return true;
  };

  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    link.close();
    desk.close();
    modern.close();
    await legacy.close();
    endpoint.close();
  };

  const closed = new Promise<void>((resolve) => {
    transport.onmessage = (message) => isJsonObject(message) && take(message);
    transport.onerror = (error) => logger.error({ reason: error.message }, 'a message failed inside mcp-marshal');
    transport.onclose = () => {
      closing ??= shutDown();
      void closing.then(resolve);
    };
  });
  void transport.start();
  return {
    closed,
    async close() {
      await transport.close();
      await closed;
    },
  };
}
