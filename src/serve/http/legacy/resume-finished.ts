import type { ServerResponse } from 'node:http';
import { toEventId, type EventPlace } from './event-id.ts';
import type { Wire } from './wire.ts';

/**
 * Answers a client that comes back for a stream whose requests have ended: with what it has missed, and the end. Where it has missed
 * nothing it gets 204, by which the standard for server-sent events tells a client not to come back; a stream that ends once more
 * without an answer would have SDK clients try again.
 */
export function resumeFinished(response: ServerResponse, { place, wire }: { place: EventPlace; wire: Wire }): void {
  const missed = wire.log.after(place.stream, place.seq);
  if (missed.length === 0) {
    response.writeHead(204, wire.headers()).end();
    return;
  }
  const stream = wire.openStream(response, () => {});
  for (const { line, seq } of missed) stream.send(line, toEventId({ stream: place.stream, seq }));
  stream.end();
}
