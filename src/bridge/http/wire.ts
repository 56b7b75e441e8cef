import type { IncomingHttpHeaders } from 'node:http';
import type { AbortLike } from '../../core/abort.ts';
import { Aborter } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import type { RequestId } from '../../core/protocol/rpc.ts';
import { toLine } from '../../lib/json-line.ts';
import { limits } from '../limits.ts';
import type { Message } from '../message.ts';
import type { Endpoint } from '../../lib/http/endpoint.ts';
import { exchange, type Ending } from './exchange.ts';

export interface WireOptions {
  headers: Readonly<Record<string, string>>;
  signal: AbortLike;
  /** The request whose answer ends the exchange; absent where none is due. */
  awaits?: RequestId;
  receive: (message: Message) => Promise<void>;
  onHeaders?: (headers: IncomingHttpHeaders) => void;
}

/** The three things that Streamable HTTP does with one URL. Nothing here rejects. */
export interface Wire {
  post(message: Message, options: WireOptions): Promise<Ending>;
  /** Opens a stream of the server's own, or the rest of one that broke after `lastEventId`. */
  listen(options: WireOptions & { lastEventId?: string | undefined }): Promise<Ending>;
  /** Ends a session, within a second or not at all. */
  farewell(headers: Readonly<Record<string, string>>): Promise<void>;
}

export function createWire({ endpoint, clock }: { endpoint: Endpoint; clock: Clock }): Wire {
  return {
    post(message, { headers, ...options }) {
      const body = toLine(message);
      if (body === undefined) return Promise.resolve({ kind: 'unsendable', reason: 'it is nested too deep' });
      const own = { Accept: 'application/json, text/event-stream', 'Content-Type': 'application/json' };
      return exchange({ ...options, endpoint, clock, method: 'POST', headers: { ...headers, ...own }, body });
    },
    listen({ headers, lastEventId, ...options }) {
      const own = { Accept: 'text/event-stream', ...(lastEventId !== undefined && { 'Last-Event-ID': lastEventId }) };
      return exchange({ ...options, endpoint, clock, method: 'GET', headers: { ...headers, ...own } });
    },
    async farewell(headers) {
      const signal = new Aborter();
      const cancelTimer = clock.after(limits.farewellMs, () => signal.abort());
      await exchange({ endpoint, clock, method: 'DELETE', headers, signal, receive: () => Promise.resolve() });
      cancelTimer();
    },
  };
}
