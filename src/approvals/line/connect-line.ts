import { connect } from 'node:net';
import { createLineSplitter } from '../../lib/line-splitter.ts';
import { parseLine, toLine } from '../../lib/json-line.ts';
import { isLineMessage, type LineMessage, type LineRequest } from './line-messages.ts';

export type LineAnswer = Extract<LineMessage, { ok: boolean }>;
export type LineEvent = Extract<LineMessage, { event: string }>;

/** A connection to one running proxy. */
export interface QueueCaller {
  /** Nothing where the proxy has gone, or says nothing. Never rejects. */
  request(request: LineRequest): Promise<LineAnswer | undefined>;
  /** Resolves when the proxy has gone, or `close` was called. */
  closed: Promise<void>;
  close(): void;
}

/** As much as a proxy writes at once. */
const maxLineBytes = 32_000_000;
/** A proxy that is alive answers within a turn of its event loop. */
const answerLimitMs = 5_000;

/** Connects to the socket of a proxy. Nothing where nobody listens there. Gets `onEvent` once it watches. */
export function connectLine(
  address: string,
  { onEvent = () => {} }: { onEvent?: (event: LineEvent) => void } = {},
): Promise<QueueCaller | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const waiting: ((answer: LineAnswer | undefined) => void)[] = [];
    const lines = createLineSplitter({
      maxBytes: maxLineBytes,
      onLine(line) {
        const message = parseLine(line, isLineMessage);
        if (message === undefined) socket.destroy();
        else if ('event' in message) onEvent(message);
        else waiting.shift()?.(message);
      },
      onOverflow: () => socket.destroy(),
      onExcess: () => socket.destroy(),
    });
    const closed = new Promise<void>((settle) => {
      socket.on('close', () => {
        for (const give of waiting.splice(0)) give(undefined);
        settle();
        resolve(undefined);
      });
    });
    socket.on('error', () => {});
    socket.on('data', (chunk) => lines.push(chunk));
    socket.once('connect', () =>
      resolve({
        request(request) {
          if (socket.destroyed) return Promise.resolve(undefined);
          return new Promise((settle) => {
            const timer = setTimeout(() => socket.destroy(), answerLimitMs);
            waiting.push((answer) => {
              clearTimeout(timer);
              settle(answer);
            });
            socket.write(toLine(request) ?? '');
          });
        },
        closed,
        close: () => socket.destroy(),
      }),
    );
  });
}
