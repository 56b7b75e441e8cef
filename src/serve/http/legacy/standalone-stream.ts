import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../../../core/json.ts';
import { isDroppable, messageText } from '../stream/message-text.ts';
import type { SseStream } from '../stream/sse-stream.ts';
import { toEventId } from './event-id.ts';
import type { Wire } from './wire.ts';

/** The number of the stream that a client opens with GET, for what belongs to none of its requests. */
export const standaloneNumber = 0;

/** Messages of a session that belong to no request. While the client has no stream open they are kept for it. */
export interface StandaloneStream {
  send(message: JsonObject): void;
  isOpen(): boolean;
  /** Goes on over this response: after the message with the number, or else with what was never sent. */
  listen(response: ServerResponse, seq?: number): void;
  close(): void;
}

export function createStandaloneStream(wire: Wire): StandaloneStream {
  let stream: SseStream | undefined;
  let lastSent = 0;

  const write = (opened: SseStream, event: { line: string; seq: number }): void => {
    opened.send(event.line, toEventId({ stream: standaloneNumber, seq: event.seq }));
    lastSent = Math.max(lastSent, event.seq);
  };

  return {
    send(message) {
      const line = messageText(message);
      if (line === undefined || (stream?.isBehind() === true && isDroppable(message))) return;
      const seq = wire.log.append(standaloneNumber, line);
      if (stream !== undefined) write(stream, { line, seq });
    },
    isOpen: () => stream !== undefined,
    listen(response, seq = lastSent) {
      stream?.destroy();
      const opened = wire.openStream(response, () => {
        if (stream === opened) stream = undefined;
      });
      stream = opened;
      if (wire.primes()) opened.prime(toEventId({ stream: standaloneNumber, seq }));
      for (const event of wire.log.after(standaloneNumber, seq)) write(opened, event);
    },
    close() {
      stream?.end();
    },
  };
}
