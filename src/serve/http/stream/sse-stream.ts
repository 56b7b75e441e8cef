import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { defaultLimits } from '../../../core/limits.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { KeepAlive } from './keep-alive.ts';

/** A stream of server-sent events to one client, written to without ever waiting for it. */
export interface SseStream {
  /** Sends one message, a line of JSON with its newline; `eventId` is what the client can resume after. */
  send(line: string, eventId?: string): void;
  /** Gives the client an id to resume after before there is any message, and says how soon to come back (MCP 2025-11-25). */
  prime(eventId: string): void;
  /** The client does not keep up: what is worth nothing late is better not sent. */
  isBehind(): boolean;
  end(): void;
  /** Cuts the connection: the client notices that the stream broke off. */
  destroy(): void;
}

export interface SseOptions {
  headers: OutgoingHttpHeaders;
  keepAlive: KeepAlive;
  logger: Logger;
  /** A client that leaves more unread, before the next message, has stopped reading: its stream is cut, rather than that we grow. */
  maxUnreadBytes?: number | undefined;
  /** Called once, when the client has gone or the stream has ended. */
  onClose: () => void;
}

/** Above what a healthy client leaves unread for a moment: all that is sent within one turn of the event loop counts as unread. */
const behindBytes = 1024 * 1024;

/** How soon a client comes back to a stream that broke off: at once, to a person; not a storm, when we restart. */
const retryMs = 1000;

/** Turns a response that has not begun into a stream. */
export function openSseStream(
  response: ServerResponse,
  { headers, keepAlive, logger, maxUnreadBytes = defaultLimits.streamBytes, onClose }: SseOptions,
): SseStream {
  const write = (text: string): void => {
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > maxUnreadBytes) {
      logger.warn(
        { bytes: response.writableLength, limit: 'limits.streamBytes' },
        'a client has stopped reading; its stream is cut',
      );
      response.destroy();
    } else response.write(text);
  };
  const beating = { beat: () => write(': keepalive\n\n') };

  response.writeHead(200, { ...sseHeaders, ...headers });
  // Head and first event leave together.
  response.cork();
  response.flushHeaders();
  let isCorked = true;
  const uncork = (): void => {
    if (isCorked) response.uncork();
    isCorked = false;
  };
  process.nextTick(uncork);
  response.once('close', () => {
    keepAlive.remove(beating);
    onClose();
  });
  keepAlive.add(beating);

  return {
    send: (line, eventId) => write(`event: message\n${eventId === undefined ? '' : `id: ${eventId}\n`}data: ${line}\n`),
    prime: (eventId) => write(`id: ${eventId}\nretry: ${retryMs}\ndata: \n\n`),
    isBehind: () => response.writableLength > behindBytes,
    end() {
      keepAlive.remove(beating);
      // Node 22 and later lose what is corked where the end comes first.
      uncork();
      response.end();
    },
    destroy: () => void response.destroy(),
  };
}

/** As the SDK's: neither a cache nor a proxy may hold events back. */
const sseHeaders: OutgoingHttpHeaders = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};
