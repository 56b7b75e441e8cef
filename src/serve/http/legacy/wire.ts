import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Clock } from '../../../core/clock.ts';
import type { EventLog } from '../stream/event-log.ts';
import type { SseStream } from '../stream/sse-stream.ts';

/** What the streams of one session have in common. */
export interface Wire {
  clock: Clock;
  log: EventLog;
  /** Headers of every answer of the session. */
  headers(): OutgoingHttpHeaders;
  /** Whether the client takes an event without data, which only gives it an id: from revision 2025-11-25 on (SEP-1699). */
  primes(): boolean;
  openStream(response: ServerResponse, onClose: () => void): SseStream;
}
