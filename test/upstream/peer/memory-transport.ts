import { AsyncResource } from 'node:async_hooks';
import type { JSONRPCMessage, Transport, TransportSendOptions } from '@modelcontextprotocol/client';
import { vi } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';

export type Sent = { id?: string; method: string; params: JsonObject };

function isSent(message: object): message is Sent {
  return 'method' in message;
}

/** A transport in memory: what is sent can be looked at, what is received is put in by hand. */
export function memoryTransport(options: { hasPerRequestStream?: boolean; failWith?: Error } = {}) {
  const sent: Sent[] = [];
  const answers: object[] = [];
  /** For each message sent: receives in the stream that answers it, as over HTTP. */
  const streams: ((message: object) => void)[] = [];
  const sendOptions: (TransportSendOptions | undefined)[] = [];
  const transport: Transport = {
    ...(options.hasPerRequestStream && { hasPerRequestStream: true }),
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
    send(message, given) {
      if (options.failWith) return Promise.reject(options.failWith);
      if (isSent(message)) sent.push(message);
      else answers.push(message);
      streams.push(AsyncResource.bind(receive));
      sendOptions.push(given);
      return Promise.resolve();
    },
    onmessage: vi.fn<(message: JSONRPCMessage) => void>(),
    onclose: vi.fn<() => void>(),
  };
  const toClient = transport.onmessage;
  const receive = (message: object): void => {
    // Through JSON, as on a wire: it carries what the types forbid.
    const received: JSONRPCMessage = JSON.parse(JSON.stringify({ jsonrpc: '2.0', ...message }));
    transport.onmessage?.(received);
  };
  return { transport, sent, answers, streams, sendOptions, receive, toClient };
}
