import { SSEClientTransport, SseError, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Transport } from '@modelcontextprotocol/client';

export interface HttpTransportOptions {
  type: 'http' | 'sse';
  url: string;
  /** Sent with every request. Never logged. */
  headers: Readonly<Record<string, string>>;
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
export function createHttpTransport({ type, url, headers }: HttpTransportOptions): Transport {
  const common = { requestInit: { headers: { ...headers } }, redirectPolicy: 'same-origin' } as const;
  if (type === 'http') return new StreamableHTTPClientTransport(new URL(url), { ...common, reconnectionOptions });
  const transport = new SSEClientTransport(new URL(url), common);
  closeWhenStreamBreaks(transport);
  return transport;
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
