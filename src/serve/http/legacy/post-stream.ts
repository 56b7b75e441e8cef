import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../../../core/json.ts';
import type { RequestId } from '../../../core/protocol/rpc.ts';
import { refuse, toErrorLine, type HttpProblem } from '../http-problem.ts';
import { isAnswer, isDroppable, messageText } from '../stream/message-text.ts';
import { sendJson } from '../stream/send-json.ts';
import type { SseStream } from '../stream/sse-stream.ts';
import { toEventId } from './event-id.ts';
import { lostAnswer } from './lost-answer.ts';
import type { Wire } from './wire.ts';

/** What one POST with requests is answered with. The requests go on when the client loses its connection. */
export interface PostStream {
  /** Sends an answer to one of the requests, or what belongs to them. */
  send(message: JsonObject): void;
  /** One of the requests will not be answered. */
  endWithoutAnswer(id: RequestId): void;
  /** Goes on over another response, after the message with this number. False where no client can know of such a message. */
  resume(response: ServerResponse, seq: number): boolean;
  /** The session ends: every request that is open is answered with the problem. */
  close(problem: HttpProblem): void;
}

export interface PostStreamOptions {
  /** Names the stream within its session. */
  number: number;
  /** The requests of the POST. */
  ids: readonly RequestId[];
  response: ServerResponse;
  wire: Wire;
  /** The client wants a stream, however soon the answer comes. */
  streamsAtOnce: boolean;
  /** The client has gone before it knew of anything that it could resume. */
  onAbandon: () => void;
  /** Called once: every request has its answer, or will have none. */
  onDone: () => void;
}

/**
 * An answer that comes this soon, and alone, is a plain body: the cheapest for both sides. Whoever waits longer gets a stream, which can
 * be resumed when it breaks off, and which no timeout on the way takes for dead.
 */
const patienceMs = 25;

export function createPostStream(options: PostStreamOptions): PostStream {
  const { number, wire } = options;
  const open = new Set(options.ids);
  let waiting: ServerResponse | undefined = options.response;
  let stream: SseStream | undefined;
  let hasStreamed = false;

  const stopWaiting = (): ServerResponse | undefined => {
    const response = waiting;
    waiting = undefined;
    cancelPatience();
    return response;
  };
  const attach = (response: ServerResponse, seq: number): void => {
    hasStreamed = true;
    const opened = wire.openStream(response, () => {
      if (stream === opened) stream = undefined;
    });
    stream = opened;
    if (wire.primes()) opened.prime(toEventId({ stream: number, seq }));
  };
  const openStream = (): void => {
    const response = stopWaiting();
    if (response !== undefined) attach(response, wire.log.last());
  };
  const finish = (): void => {
    stream?.end();
    options.onDone();
  };

  const cancelPatience = wire.clock.after(patienceMs, openStream);
  if (options.streamsAtOnce) openStream();
  options.response.once('close', () => {
    if (stopWaiting() !== undefined) options.onAbandon();
  });

  return {
    send(message) {
      if (isAnswer(message)) open.delete(idOf(message));
      const isLast = open.size === 0;
      const line = messageText(message);
      if (line === undefined) return;
      const response = isLast ? stopWaiting() : undefined;
      if (response !== undefined) sendJson(response, line, { headers: wire.headers() });
      else {
        openStream();
        const isLate = stream?.isBehind() === true && isDroppable(message);
        // Of a stream that never began, no client has an id to come back with.
        if (hasStreamed && !isLate) {
          const standIn = isAnswer(message) ? () => lostAnswer(idOf(message)) : undefined;
          const seq = wire.log.append(number, line, standIn);
          stream?.send(line, toEventId({ stream: number, seq }));
        }
      }
      if (isLast) finish();
    },
    endWithoutAnswer(id) {
      open.delete(id);
      if (open.size > 0) return;
      stopWaiting()?.writeHead(202, wire.headers()).end();
      finish();
    },
    resume(response, seq) {
      if (!hasStreamed) return false;
      // The client is here: what it had before is broken, whether we have noticed or not.
      stream?.destroy();
      attach(response, seq);
      for (const event of wire.log.after(number, seq)) {
        stream?.send(event.line, toEventId({ stream: number, seq: event.seq }));
      }
      return true;
    },
    close(problem) {
      // Only one answer fits into a body.
      if (open.size > 1) openStream();
      const response = stopWaiting();
      if (response !== undefined) refuse(response, problem, [...open][0]);
      for (const id of open) {
        const line = toErrorLine(problem, id);
        stream?.send(line, toEventId({ stream: number, seq: wire.log.append(number, line) }));
      }
      open.clear();
      finish();
    },
  };
}

function idOf({ id }: JsonObject): RequestId {
  return typeof id === 'string' || typeof id === 'number' ? id : '';
}
