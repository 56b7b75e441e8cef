import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Clock } from '../../core/clock.ts';
import { isJsonObject } from '../../core/json.ts';
import type { RequestId } from '../../core/protocol/rpc.ts';
import { limits } from '../limits.ts';
import { isAnswer, isWireMessage, type Answer, type ErrorObject, type Message } from '../message.ts';
import { reasonOf, type Endpoint, type HttpRequest } from '../../lib/http/endpoint.ts';
import { wasLeftUnread } from '../refusals.ts';
import { EventTooLong, readEvents } from '../../lib/http/read-events.ts';
import { readText } from '../../lib/http/read-text.ts';

/**
 * How an exchange ended. `answered`: the answer that it was for has been received. `accepted`: there is none to come.
 * `unanswered`: it began and ended without; `lastEventId` says from where its stream could be resumed. `refused`: by an HTTP status,
 * with the JSON-RPC error of the body where it holds one, and that as `answer` if it names the request. `unreadable`: what came is
 * no answer. `unsent`, `unsendable`, `aborted`: as an `Opening`; `unsent` also what a proxy that stops has left unread.
 */
export type Ending =
  | { kind: 'answered' | 'accepted' | 'aborted' }
  | { kind: 'unanswered'; reason: string; isBroken: boolean; lastEventId?: string; retryMs?: number }
  | { kind: 'refused'; status: number; error?: ErrorObject; answer?: Answer }
  | { kind: 'unsent'; reason: string }
  | { kind: 'unsendable' | 'unreadable'; reason: string };

export interface ExchangeOptions extends HttpRequest {
  endpoint: Endpoint;
  clock: Clock;
  /** The request that an answer is wanted for. Absent: none is, and what comes with the response is read only where it is a stream. */
  awaits?: RequestId;
  /** Gets every message in order; the next one is read when the promise resolves. */
  receive: (message: Message) => Promise<void>;
  /** Called once with the headers of a response that is no refusal, before its messages. */
  onHeaders?: (headers: IncomingHttpHeaders) => void;
}

/** One HTTP exchange of MCP's Streamable HTTP transport, read to its end. Never rejects. */
export async function exchange(options: ExchangeOptions): Promise<Ending> {
  const { endpoint, signal, awaits, onHeaders } = options;
  const opening = await endpoint.open(options);
  if (opening.kind === 'broken') return { kind: 'unanswered', reason: opening.reason, isBroken: true };
  if (opening.kind !== 'response') return opening;
  const { response } = opening;
  const status = response.statusCode ?? 0;
  try {
    if (status < 200 || status > 299) return await readRefusal(response, { status, awaits });
    onHeaders?.(response.headers);
    const type = response.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (type === 'text/event-stream') return await readStream(response, options);
    if (awaits === undefined) {
      response.resume();
      return { kind: 'accepted' };
    }
    if (type === 'application/json') return await readJson(response, options);
    response.resume();
    return {
      kind: 'unreadable',
      reason: `HTTP ${status} with ${type === undefined ? 'no content' : `content of type ${type}`}`,
    };
  } catch (error) {
    if (signal.aborted) return { kind: 'aborted' };
    return { kind: 'unanswered', reason: reasonOf(error), isBroken: true };
  }
}

async function readStream(
  response: IncomingMessage,
  { awaits, clock, receive, signal }: ExchangeOptions,
): Promise<Ending> {
  let isAnswered = false;
  let lastEventId: string | undefined;
  let retryMs: number | undefined;
  let isBroken = false;
  let reason = 'the stream ended';
  let cancelTimer: (() => void) | undefined;
  try {
    const events = readEvents(response, { maxChars: limits.maxMessageBytes, onRetry: (ms) => (retryMs = ms) });
    for await (const { id, type, data } of events) {
      // An empty id takes back the one before (WHATWG HTML).
      if (id !== undefined) lastEventId = id === '' ? undefined : id;
      if (type !== 'message' || data === '') continue;
      for (const message of messagesOf(data)) {
        if (!isAnswered && isAnswerTo(message, awaits)) {
          isAnswered = true;
          cancelTimer = clock.after(limits.lingerMs, () => void response.destroy());
        }
        await receive(message);
      }
    }
  } catch (error) {
    if (error instanceof EventTooLong) {
      return { kind: 'unreadable', reason: `a message is longer than ${limits.maxMessageBytes} characters` };
    }
    isBroken = true;
    reason = reasonOf(error);
  } finally {
    cancelTimer?.();
  }
  if (isAnswered) return { kind: 'answered' };
  if (signal.aborted) return { kind: 'aborted' };
  return {
    kind: 'unanswered',
    reason,
    isBroken,
    ...(lastEventId !== undefined && { lastEventId }),
    ...(retryMs !== undefined && { retryMs: Math.min(retryMs, limits.maxRetryMs) }),
  };
}

async function readJson(response: IncomingMessage, { awaits, receive }: ExchangeOptions): Promise<Ending> {
  const text = await readText(response, limits.maxMessageBytes);
  if (text === undefined) return { kind: 'unreadable', reason: `it is longer than ${limits.maxMessageBytes} bytes` };
  const messages = messagesOf(text);
  for (const message of messages) await receive(message);
  if (messages.some((message) => isAnswerTo(message, awaits))) return { kind: 'answered' };
  return { kind: 'unreadable', reason: 'the JSON that came holds no answer to the request' };
}

async function readRefusal(
  response: IncomingMessage,
  { status, awaits }: { status: number; awaits: RequestId | undefined },
): Promise<Ending> {
  const text = await readText(response, limits.maxErrorBytes).catch(() => undefined);
  const [body] = messagesOf(text ?? '');
  if (body === undefined || !isRpcError(body['error'])) return { kind: 'refused', status };
  const { error } = body;
  if (wasLeftUnread(status, error)) return { kind: 'unsent', reason: 'it is stopping (HTTP 503)' };
  return { kind: 'refused', status, error, ...(isAnswerTo(body, awaits) && { answer: body }) };
}

/** The messages of a text in JSON: one, or several in an array (MCP 2025-03-26). What is no JSON-RPC is passed over. */
function messagesOf(text: string): Message[] {
  try {
    const value: unknown = JSON.parse(text);
    return (Array.isArray(value) ? value : [value]).filter((item) => isJsonObject(item) && isWireMessage(item));
  } catch {
    return [];
  }
}

function isAnswerTo(message: Message, id: RequestId | undefined): message is Answer {
  return id !== undefined && isAnswer(message) && message.id === id;
}

function isRpcError(value: unknown): value is ErrorObject {
  return isJsonObject(value) && typeof value['code'] === 'number' && typeof value['message'] === 'string';
}
