import { SSEClientTransport, SseError } from '@modelcontextprotocol/client';
import type { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Transport } from '@modelcontextprotocol/client';
import { isJsonObject } from '../../../core/json.ts';
import { parseLine } from '../../../lib/json-line.ts';
import type { Credentials } from '../../auth/credentials.ts';
import { sleep } from '../../pace/time-limit.ts';
import { BrokenAnswer } from '../../peer/failure/broken-answer.ts';
import { authorizeFetch } from './authorized-fetch.ts';
import { createBoundedFetch } from './bounded-fetch.ts';
import { QuickHttpTransport } from './quick-http-transport.ts';
import { accepted, explainContent } from './read-answer.ts';

export interface HttpTransportOptions {
  type: 'http' | 'sse';
  url: string;
  /** Sent with every request. Never logged. */
  headers: Readonly<Record<string, string>>;
  /** Of an answer, or of one event of a stream. */
  maxBytes: number;
  /** An answer was too long to be read; `request` is the message that it answers, as text, where that is known. */
  onOversizedAnswer: (request: string | undefined) => void;
  /** Absent for a server that is told who we are by `headers`, or not at all. */
  credentials?: Credentials | undefined;
}

export interface HttpTransport {
  transport: Transport;
  /** Tells the server that its session is over; at once where there is none. Never rejects, and takes a second at most. */
  endSession(): Promise<void>;
}

/** A stream that broke is taken up again after 0.5, 1, 2, 4, 8 and 8 s: a server that restarts within 20 s is found again. */
const reconnectionOptions = {
  initialReconnectionDelay: 500,
  maxReconnectionDelay: 8000,
  reconnectionDelayGrowFactor: 2,
  maxRetries: 6,
};

/**
 * A server behind a URL. Redirects to another origin are not followed, so that the headers never reach a host that the
 * configuration does not name.
 */
export function createHttpTransport(options: HttpTransportOptions): HttpTransport {
  const url = new URL(options.url);
  const { credentials } = options;
  const bounded = createBoundedFetch(options.onOversizedAnswer, options.maxBytes);
  const common = {
    requestInit: { headers: { ...options.headers } },
    redirectPolicy: 'same-origin',
    fetch: credentials === undefined ? bounded : authorizeFetch(bounded, { credentials, origin: url.origin }),
  } as const;
  if (options.type === 'http') {
    const transport = new QuickHttpTransport(url, {
      ...common,
      fetch: refusePromises(common.fetch),
      reconnectionOptions,
      ownHeaders: options.headers,
      maxBytes: options.maxBytes,
      onOversizedAnswer: options.onOversizedAnswer,
      credentials,
    });
    return { transport, endSession: () => endSession(transport) };
  }
  const transport = new SSEClientTransport(url, common);
  closeWhenStreamBreaks(transport);
  return { transport, endSession: () => Promise.resolve() };
}

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** The SDK takes HTTP 202 for a promise to answer elsewhere, which over Streamable HTTP nobody keeps, and waits for it. */
function refusePromises(fetch: Fetch): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (response.status !== accepted || typeof init?.body !== 'string') return response;
    const asked = parseLine(init.body, isJsonObject);
    if (asked === undefined || !('id' in asked && 'method' in asked)) return response;
    throw new BrokenAnswer(explainContent(accepted, undefined));
  };
}

/** A server that is busy or gone must not hold the end of this program. */
const endSessionMs = 1000;

async function endSession(transport: StreamableHTTPClientTransport): Promise<void> {
  if (transport.sessionId === undefined) return;
  const ended = new AbortController();
  const deleted = transport.terminateSession().catch(() => {});
  await Promise.race([deleted, sleep(endSessionMs, ended.signal)]);
  ended.abort();
}

/**
 * A broken SSE stream ends the session: its server forgets it, and the stream that the event source would open by itself is
 * a new one, never initialized. So the connection ends there, and a new one is made from the start.
 */
function closeWhenStreamBreaks(transport: Transport): void {
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport has callbacks, not events
  transport.onerror = (error) => {
    if (error instanceof SseError) void transport.close();
  };
}
