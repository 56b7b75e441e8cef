import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Identity } from '../../../access/identity.ts';
import type { Clock } from '../../../core/clock.ts';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { rpcCode, type RequestId } from '../../../core/protocol/rpc.ts';
import type { LegacySession, Outlet } from '../../session/session.ts';
import type { Visitor } from '../access/http-auth.ts';
import { refusedCode, type HttpProblem } from '../http-problem.ts';
import type { InFlight } from '../in-flight.ts';
import type { EventLog } from '../stream/event-log.ts';
import { isAnswer } from '../stream/message-text.ts';
import type { SseStream } from '../stream/sse-stream.ts';
import { prefersStream } from './check-legacy.ts';
import { parseEventId } from './event-id.ts';
import { createPostStream, type PostStream } from './post-stream.ts';
import { resumeFinished } from './resume-finished.ts';
import { createStandaloneStream, standaloneNumber } from './standalone-stream.ts';
import type { Wire } from './wire.ts';

/** One client of the legacy era: its session, and the streams that carry its messages. */
export interface HttpSession {
  /** The principal that it belongs to; absent where nobody has to prove who they are. */
  owner: string | undefined;
  /** The revision that was agreed on; absent until the opening is answered. */
  revision(): string | undefined;
  /** Takes the messages of one POST, and answers it; or says why not. */
  post(
    inbound: { messages: readonly JsonObject[]; visitor: Visitor },
    response: ServerResponse,
  ): HttpProblem | undefined;
  /** Answers a GET with the stream for everything else, or with what a broken stream still lacks; or says why not. */
  listen(response: ServerResponse, lastEventId: string | undefined): HttpProblem | undefined;
  /** Nothing is open: no stream, no request. */
  isIdle(): boolean;
  /** When the client was last heard of. */
  lastUsedMs(): number;
  /** Requests that are open are answered with the problem. */
  close(problem: HttpProblem): void;
}

/** Begins a session: of a principal that has proved to be it, or of nobody that is known, to whom the session is all that they are. */
export type OpenLegacy = (client: {
  principal: string;
  sessionId: string;
  isAuthenticated: boolean;
  outlet: Outlet;
}) => LegacySession;

export interface HttpSessionOptions {
  id: string;
  /** Who has opened it. Absent: anybody. */
  identity: Identity | undefined;
  clock: Clock;
  log: EventLog;
  inFlight: InFlight;
  /** Open at once. */
  maxRequests: number;
  openStream: (response: ServerResponse, options: { headers: OutgoingHttpHeaders; onClose: () => void }) => SseStream;
  openLegacy: OpenLegacy;
  onClose: () => void;
}

export function openHttpSession(options: HttpSessionOptions): HttpSession {
  const { id, clock, log, identity } = options;
  const posts = new Map<number, PostStream>();
  const postOf = new Map<RequestId, PostStream>();
  let lastNumber = standaloneNumber;
  let openingId: RequestId | undefined;
  let revision: string | undefined;
  let lastUsedMs = clock.now();
  let isRefused = false;
  let isClosed = false;

  const touch = (): void => void (lastUsedMs = clock.now());
  const headers = (): OutgoingHttpHeaders => (isRefused ? {} : { 'Mcp-Session-Id': id });
  const wire: Wire = {
    clock,
    log,
    headers,
    primes: () => revision !== undefined && revision >= firstPrimed,
    openStream: (response, onClose) =>
      options.openStream(response, {
        headers: headers(),
        onClose() {
          touch();
          onClose();
          abandon();
        },
      }),
  };
  const standalone = createStandaloneStream(wire);

  const outlet: Outlet = {
    send(message, related) {
      if (isClosed) return;
      if (related !== undefined && related === openingId && revision === undefined && isAnswer(message)) {
        revision = revisionOf(message);
        isRefused = revision === undefined;
      }
      const post = related === undefined ? undefined : postOf.get(related);
      if (related !== undefined && isAnswer(message)) postOf.delete(related);
      if (post !== undefined) post.send(message);
      // What comes late may still be news; an answer without its request is nothing to anybody.
      else if (!isAnswer(message)) standalone.send(message);
      if (isRefused) close(notOpened);
    },
    endWithoutAnswer: (related) => postOf.get(related)?.endWithoutAnswer(related),
  };
  const sessionId = `http-${id}`;
  const principal = identity?.principal ?? sessionId;
  const legacy = options.openLegacy({ principal, sessionId, isAuthenticated: identity !== undefined, outlet });

  const close = (problem: HttpProblem): void => {
    if (isClosed) return;
    isClosed = true;
    for (const post of posts.values()) post.close(problem);
    standalone.close();
    log.close();
    legacy.close();
    options.onClose();
  };

  /** A client that goes before the opening is answered has no way back, and nobody else will ever know of the session. */
  const abandon = (): void => {
    if (revision === undefined) close(notOpened);
  };

  const openPost = (
    ids: readonly RequestId[],
    { response, visitor }: { response: ServerResponse; visitor: Visitor },
  ): void => {
    const number = ++lastNumber;
    const leave = options.inFlight.enter();
    const post = createPostStream({
      number,
      ids,
      response,
      wire,
      // The opening may be refused, which a stream that has begun cannot say.
      streamsAtOnce: revision !== undefined && prefersStream(response.req.headers),
      onAbandon: abandon,
      onDone() {
        touch();
        leave();
        visitor.leave();
        posts.delete(number);
        for (const requestId of ids) if (postOf.get(requestId) === post) postOf.delete(requestId);
      },
    });
    posts.set(number, post);
    for (const requestId of ids) postOf.set(requestId, post);
  };

  return {
    owner: identity?.principal,
    revision: () => revision,
    post({ messages, visitor }, response) {
      touch();
      const ids = messages.flatMap((message) => requestIdOf(message) ?? []);
      if (new Set(ids).size < ids.length || ids.some((requestId) => postOf.has(requestId))) return repeatedId;
      if (ids.length > 0 && postOf.size + ids.length > options.maxRequests) return tooManyOpen;
      if (revision === undefined) openingId ??= ids[0];
      if (ids.length > 0) openPost(ids, { response, visitor });
      for (const message of messages) legacy.receive(message, visitor.identity?.scopes);
      if (ids.length > 0) return undefined;
      visitor.leave();
      response.writeHead(202, headers()).end();
      return undefined;
    },
    listen(response, lastEventId) {
      touch();
      if (lastEventId === undefined) {
        if (standalone.isOpen()) return conflict;
        standalone.listen(response);
        return undefined;
      }
      const place = parseEventId(lastEventId);
      if (place === undefined || place.stream > lastNumber) return unknownEvent;
      if (place.stream === standaloneNumber) standalone.listen(response, place.seq);
      else {
        const post = posts.get(place.stream);
        if (post === undefined) resumeFinished(response, { place, wire });
        else if (!post.resume(response, place.seq)) return unknownEvent;
      }
      return undefined;
    },
    isIdle: () => posts.size === 0 && !standalone.isOpen(),
    lastUsedMs: () => lastUsedMs,
    close,
  };
}

/** The first revision whose clients take an event without data (SEP-1699). */
const firstPrimed = '2025-11-25';

const notOpened: HttpProblem = { status: 400, code: refusedCode, message: 'Bad Request: the session was not opened' };
const conflict: HttpProblem = {
  status: 409,
  code: refusedCode,
  message: 'Conflict: Only one SSE stream is allowed per session',
};
const unknownEvent: HttpProblem = { status: 400, code: refusedCode, message: 'Bad Request: unknown Last-Event-ID' };
const repeatedId: HttpProblem = {
  status: 400,
  code: rpcCode.invalidRequest,
  message: 'Invalid Request: a request with this id is still open in this session',
};
const tooManyOpen: HttpProblem = {
  status: 503,
  code: refusedCode,
  message: 'Service Unavailable: this session has too many requests open (limits.sessionRequests); wait for answers',
  retryAfterS: 1,
};

function requestIdOf({ id, method }: JsonObject): RequestId | undefined {
  if (typeof method !== 'string') return undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

function revisionOf({ result }: JsonObject): string | undefined {
  const agreed = isJsonObject(result) ? result['protocolVersion'] : undefined;
  return typeof agreed === 'string' ? agreed : undefined;
}
