import type { ServerResponse } from 'node:http';
import { Aborter } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import type { RequestId } from '../../../core/protocol/rpc.ts';
import type { Exchange } from '../../session/session.ts';
import { refuse, toErrorLine, type HttpProblem } from '../http-problem.ts';
import { isAnswer, isDroppable, messageText } from '../stream/message-text.ts';
import { sendJson } from '../stream/send-json.ts';
import type { SseStream } from '../stream/sse-stream.ts';

/** One request of a modern client, and the response that it gets. */
export interface HttpExchange extends Exchange {
  /** Ends the request with `problem`: as its whole response, or as the last message of its stream. */
  close(problem: HttpProblem): void;
}

export interface HttpExchangeOptions extends Pick<Exchange, 'principal' | 'scopes'> {
  id: RequestId;
  clock: Clock;
  openStream: (response: ServerResponse, onClose: () => void) => SseStream;
  /** Called once, when the response has ended or the client has gone. */
  onClose: () => void;
}

/**
 * Long enough for every error that has a status of its own, which a stream that has begun can no longer carry; short enough that nothing
 * on the way takes the silence for the end: fetch in Node gives up after five minutes without a head.
 */
const patienceMs = 10_000;

/** Answers with a plain body where the answer comes first, and as a stream from the first notification on. */
export function createHttpExchange(response: ServerResponse, options: HttpExchangeOptions): HttpExchange {
  const signal = new Aborter();
  let stream: SseStream | undefined;
  let isOver = false;

  const openStream = (): SseStream => {
    cancelPatience();
    stream ??= options.openStream(response, () => {});
    return stream;
  };
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    cancelPatience();
    options.onClose();
  };
  const cancelPatience = options.clock.after(patienceMs, openStream);
  response.once('close', () => {
    const isCut = !isOver;
    finish();
    // A client that closes the stream takes its request back (MCP 2026-07-28, Streamable HTTP).
    if (isCut) signal.abort();
  });

  return {
    principal: options.principal,
    ...(options.scopes !== undefined && { scopes: options.scopes }),
    signal,
    send(message, hint) {
      const line = isOver ? undefined : messageText(message);
      if (line === undefined) return;
      if (!isAnswer(message)) {
        const opened = openStream();
        if (!(opened.isBehind() && isDroppable(message))) opened.send(line);
        return;
      }
      finish();
      if (stream === undefined) return sendJson(response, line, { status: hint?.httpStatus ?? 200 });
      stream.send(line);
      stream.end();
    },
    close(problem) {
      if (isOver) return;
      finish();
      if (stream === undefined) refuse(response, problem, options.id);
      else {
        stream.send(toErrorLine(problem, options.id));
        stream.end();
      }
      signal.abort();
    },
  };
}
