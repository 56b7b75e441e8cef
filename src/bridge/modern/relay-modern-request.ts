import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { rpcCode } from '../../core/protocol/rpc.ts';
import type { OpenRequest } from '../desk.ts';
import type { Ending } from '../http/exchange.ts';
import { sendOwnRequest } from '../http/own-request.ts';
import { limits } from '../limits.ts';
import { isAnswer, paramsOf, type Message, type Request } from '../message.ts';
import type { Parts } from '../parts.ts';
import { notSent } from '../refusals.ts';
import { refuseFor } from '../refuse-for.ts';
import type { ParamHeaderBook } from './param-header-book.ts';
import { requestHeaders } from './request-headers.ts';

export interface ModernParts extends Parts {
  book: ParamHeaderBook;
}

/**
 * Carries one request of a modern client to the proxy, in an exchange of its own, and sees that it gets an answer. What provably
 * was not carried out is sent again: when nobody listened, and when it lacked headers that its tool wants.
 */
export async function relayModernRequest(request: OpenRequest, parts: ModernParts): Promise<void> {
  const { link, wire, clock, desk, book } = parts;
  const { message, signal } = request;
  const visit = { deadlineMs: clock.now() + limits.maxWaitMs, signal };
  const receive = (incoming: Message): Promise<void> => {
    if (isAnswer(incoming) && incoming.id === message.id) book.learn(message, incoming);
    return desk.deliver(incoming);
  };
  let hasLearnt = false;
  for (;;) {
    const verdict = await link.whenReachable(visit);
    if (verdict === 'aborted') return;
    if (verdict !== 'passed') return request.refuse(notSent(verdict, link.reason()));
    const headers = { ...requestHeaders(message), ...book.headersOf(message) };
    const ending = await wire.post(message, { headers, signal, awaits: message.id, receive });
    if (ending.kind === 'unsent') link.recover(ending.reason);
    else if (!hasLearnt && lacksHeaders(ending, message)) {
      hasLearnt = true;
      await learnAnew(request, parts);
    } else return refuseFor(ending, { request, desk });
  }
}

/** The proxy wants other headers for this tool than we know of: the client has not listed the tools, or not since they changed. */
function lacksHeaders(ending: Ending, message: Request): boolean {
  return ending.kind === 'refused' && ending.error?.code === rpcCode.headerMismatch && message.method === 'tools/call';
}

/** Reads the list of tools up to the one that is called, as the client would, from which a list may depend on who asks. */
async function learnAnew({ message, signal }: OpenRequest, parts: ModernParts): Promise<void> {
  const { _meta: given, name } = paramsOf(message);
  const { progressToken: _, ...meta } = isJsonObject(given) ? given : {};
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const params: JsonObject = { _meta: meta, ...(cursor !== undefined && { cursor }) };
    const list = { method: 'tools/list', params };
    const { answer } = await sendOwnRequest(parts, { ...list, headers: requestHeaders(list), signal, receive: drop });
    if (answer === undefined || !isJsonObject(answer['result'])) return;
    parts.book.learn(list, answer);
    const { tools, nextCursor } = answer['result'];
    if (typeof nextCursor !== 'string' || includesTool(tools, name)) return;
    cursor = nextCursor;
  }
}

/** A list that goes on without end is not read without end. */
const maxPages = 100;

function includesTool(tools: unknown, name: unknown): boolean {
  return Array.isArray(tools) && tools.some((tool) => isJsonObject(tool) && tool['name'] === name);
}

function drop(): Promise<void> {
  return Promise.resolve();
}
