import type { JSONRPCMessage, Transport, TransportSendOptions } from '@modelcontextprotocol/client';
import type { JsonObject } from '../../core/json.ts';
import { isJsonObject, isTooDeep } from '../../core/json.ts';
import type { Notice } from '../../core/protocol/client.ts';
import { createFloodGate } from './flood-gate.ts';
import type { ConnectionNotice } from './notices.ts';
import { isOfConnection, isOfProtocol, withoutSubscription } from './notices.ts';
import type { OpenRequest, OwnedContext } from './open-requests.ts';
import { OpenRequests, ownersOf, sendFor, soleOwned } from './open-requests.ts';
import type { RawAnswer } from './raw-answer.ts';
import { answerMisdirected, answerMissing, connectionEnded, toFailedAnswer, toRawAnswer } from './raw-answer.ts';
import { withOwnMeta } from './request-meta.ts';
import type { AnswerQuestion } from './server-questions.ts';
import { createServerQuestions } from './server-questions.ts';

/** What one request brings with it. Progress is told in order, also what comes together with the answer. */
export interface RawRequestOptions extends OwnedContext {
  /** What the client in front can do; only the modern era tells of it here. */
  capabilities?: JsonObject | undefined;
  /** Headers of this request alone; only HTTP has such. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Asked on our own account, for a sign of life: nobody is kept from the connection by it. */
  isAside?: boolean;
}

export interface RawPeer {
  /** Sends one request and resolves when it has ended; never rejects. The result is the upstream's object, untouched but for its identity. */
  request(method: string, params: JsonObject, options?: RawRequestOptions): Promise<RawAnswer>;
  /** Sends a notification. One that cannot be sent is lost. */
  notify(notice: Notice, options?: Pick<RawRequestOptions, 'capabilities'>): void;
  /** Ends one open request as `malformed`; unknown ids are passed over. */
  refuse(id: string, reason: string): void;
  /** Requests that have no answer yet, those aside left out. */
  openRequests(): number;
  /** Whether the server may still ask, or tell, for the sake of requests that were cancelled. */
  hasForsaken(): boolean;
  /** Answers that nobody waits for: late, double, or to ids we never gave. */
  strayAnswers(): number;
}

export interface RawPeerOptions {
  /** The envelope that each request of the modern era carries in `_meta`; absent on a legacy connection. */
  envelope?: JsonObject | undefined;
  /** Gets every notification that belongs to no open request, or to more than one owner's. */
  onNotice?: (notice: ConnectionNotice) => void;
  /** Answers the server's questions, of the legacy era alone. Absent: they go to the request that they belong to. */
  onQuestion?: AnswerQuestion | undefined;
  /** For what errors say. */
  redact?: ((text: string) => string) | undefined;
}

/**
 * A peer on a transport that an SDK client has connected and still owns: our requests go beside the client's, under string ids
 * that it never uses, and come back as they are. The server's questions are answered here, too. What is neither goes on to the client.
 */
export function createRawPeer(transport: Transport, options: RawPeerOptions = {}): RawPeer {
  const { envelope, onNotice, onQuestion, redact } = options;
  const open = new OpenRequests();
  let lastId = 0;
  let strayAnswers = 0;
  let asides = 0;
  let isClosed = false;
  const isLegacy = envelope === undefined;
  const questions = createServerQuestions({
    inQuestion: () => open.inQuestion(),
    isForsaken: (request) => open.isForsaken(request),
    onQuestion,
    send: (answer) => transport.send({ jsonrpc: '2.0', ...answer }),
  });

  const gate = createFloodGate((notice) => onNotice?.(notice));

  const takeAnswer = (id: string, message: object): void => {
    const request = open.get(id);
    open.forget(id);
    if (request === undefined) {
      strayAnswers += 1;
      open.misanswer();
    } else request.settle(toRawAnswer(message, redact));
  };

  /**
   * `false`: it is the SDK client's, too, which wants to hear of its subscriptions in the modern era, and nothing else. It would take ten
   * times as long as we do to find that out: a server that floods would take all the time there is.
   */
  const takeNotice = (method: string, params: unknown): boolean => {
    const given = isJsonObject(params) ? params : {};
    if (method === 'notifications/progress') {
      const token = given['progressToken'];
      if (typeof token === 'string' && isOurs(token) && !isTooDeep(given)) open.get(token)?.context.onProgress?.(given);
      return true;
    }
    if (method === 'notifications/cancelled') return questions.withdraw(given['requestId']);
    if (isOfProtocol(method)) return isLegacy;
    if (isTooDeep(given)) return true;
    const notice = { method, params: withoutSubscription(given) };
    if (!gate.passes(notice)) return true;
    const requests = isOfConnection(method) ? [] : open.addressed();
    const sole = soleOwned(requests);
    // Nobody listens to a cancelled request any more, but what comes after one, for whatever sake, is for its client alone.
    const owned = sole !== undefined && open.isForsaken(sole) ? undefined : sole;
    const owners = owned === undefined ? ownersOf(requests) : [];
    if (owned?.context.onNotice) owned.context.onNotice(notice);
    else onNotice?.(owners.length > 0 ? { ...notice, owners } : notice);
    return true;
  };

  const passOn = transport.onmessage;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport has callbacks, not events
  transport.onmessage = (message, extra) => {
    if ('method' in message) {
      if (!('id' in message)) {
        if (takeNotice(message.method, message.params)) return;
      } else if (envelope === undefined && message.method !== 'ping') {
        questions.take(message);
        return;
      }
    } else if (typeof message.id === 'string' && isOurs(message.id)) {
      takeAnswer(message.id, message);
      return;
    } else open.misanswer();
    passOn?.(message, extra);
  };

  const closeNext = transport.onclose;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- as above
  transport.onclose = () => {
    isClosed = true;
    questions.close();
    for (const request of open.values()) request.settle(connectionEnded(true));
    closeNext?.();
  };

  const tell = (notice: Notice): void => {
    // If the news cannot be sent, the upstream merely misses it.
    transport.send({ jsonrpc: '2.0', ...notice }).catch(() => {});
  };
  const cancelUpstream = (id: string): void => {
    const params = { requestId: id, reason: 'the call is not wanted any more' };
    tell({ method: 'notifications/cancelled', params: withOwnMeta(params, { envelope }) });
  };

  return {
    request: (method, params, options = {}) =>
      new Promise((resolve) => {
        const { signal, onProgress, capabilities, logLevel, headers, isAside } = options;
        if (signal?.aborted) return resolve({ kind: 'cancelled', sent: false });
        if (isClosed) return resolve(connectionEnded(false));
        const id = `${idPrefix}${++lastId}`;
        // One HTTP exchange per request can be given up alone; a shared channel has no such thing.
        const exchange = transport.hasPerRequestStream ? new AbortController() : undefined;
        const onAbort = (): void => {
          // Legacy: closing the stream is no cancellation. Modern HTTP: it is the cancellation.
          if (envelope === undefined || exchange === undefined) cancelUpstream(id);
          questions.forgetRequest(request);
          settle({ kind: 'cancelled', sent: true });
          if (exchange === undefined) open.forsake(request);
          exchange?.abort();
        };
        const settle = (answer: RawAnswer): void => {
          if (!open.delete(id)) return;
          if (isAside) asides -= 1;
          signal?.removeEventListener('abort', onAbort);
          // A table that has grown keeps its old entries alive for a while, and these would keep all of the call.
          if (answer.kind !== 'cancelled') Object.assign(request, isOver);
          // What would still come in its stream is an answer that is not wanted.
          if (answer.kind === 'malformed') exchange?.abort();
          resolve(answer);
        };
        const request: OpenRequest = { id, among: open, context: options, settle };
        open.set(id, request);
        if (isAside) asides += 1;
        signal?.addEventListener('abort', onAbort, { once: true });
        const own = { envelope, capabilities, logLevel, progressToken: onProgress && id };
        const message = { jsonrpc: '2.0', id, method, params: withOwnMeta(params, own) } as JSONRPCMessage;
        const fail = (error: unknown): void => settle(toFailedAnswer(error, redact));
        if (exchange === undefined) return void transport.send(message).catch(fail);
        const sendOptions: TransportSendOptions = {
          requestSignal: exchange.signal,
          onRequestStreamEnd: () => settle(request.isMisanswered === true ? answerMisdirected : answerMissing),
          headers,
        };
        sendFor(request, () => transport.send(message, sendOptions)).catch(fail);
      }),
    notify({ method, params }, { capabilities } = {}) {
      tell({ method, params: withOwnMeta(params, { envelope, capabilities }) });
    },
    refuse(id, reason) {
      open.get(id)?.settle({ kind: 'malformed', reason });
    },
    openRequests: () => open.size - asides,
    hasForsaken: () => open.hasForsaken(),
    strayAnswers: () => strayAnswers,
  };
}

const idPrefix = 'm:';

/** What is left of a request that has ended. */
const isOver: Pick<OpenRequest, 'context' | 'settle'> = { context: {}, settle() {} };

function isOurs(id: string): boolean {
  return id.startsWith(idPrefix);
}
