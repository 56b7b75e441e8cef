import { Aborter, type AbortLike } from '../../core/abort.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Ending } from './exchange.ts';
import { limits } from '../limits.ts';
import { isAnswer, type Answer, type Message } from '../message.ts';
import type { Parts } from '../parts.ts';

export interface OwnRequest {
  method: string;
  params?: JsonObject;
  headers: Readonly<Record<string, string>>;
  signal: AbortLike;
  /** Gets everything that comes beside the answer. */
  receive: (message: Message) => Promise<void>;
}

export interface OwnReply {
  ending: Ending;
  /** The answer, a result or an error. */
  answer?: Answer;
  /** What the proxy calls the session that this request has opened. */
  sessionId?: string;
}

/** Far from any id that a client or an SDK gives. */
const idPrefix = 'mcp-marshal-bridge:';
let lastId = 0;

/** A request that the bridge itself sends, given up after ten seconds. The client sees neither it nor its answer. */
export async function sendOwnRequest(
  { wire, clock }: Pick<Parts, 'wire' | 'clock'>,
  { method, params, headers, signal, receive }: OwnRequest,
): Promise<OwnReply> {
  const id = `${idPrefix}${++lastId}`;
  const own = new Aborter();
  const abort = (): void => own.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  const cancelTimer = clock.after(limits.ownRequestMs, abort);
  let answer: Answer | undefined;
  let sessionId: string | undefined;
  const ending = await wire.post(
    { jsonrpc: '2.0', id, method, ...(params && { params }) },
    {
      headers,
      signal: own,
      awaits: id,
      onHeaders: (received) => (sessionId = sessionIdOf(received)),
      receive(message) {
        if (!isAnswer(message) || message.id !== id) return receive(message);
        answer = message;
        // Nothing that follows is waited for.
        return Promise.resolve();
      },
    },
  );
  cancelTimer();
  signal.removeEventListener('abort', abort);
  return { ending, ...(answer && { answer }), ...(sessionId !== undefined && { sessionId }) };
}

/** The session that a response opens. */
export function sessionIdOf(headers: Readonly<Record<string, string | string[] | undefined>>): string | undefined {
  const id = headers['mcp-session-id'];
  return typeof id === 'string' ? id : undefined;
}
