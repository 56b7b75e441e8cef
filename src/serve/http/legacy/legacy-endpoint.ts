import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '../../../access/identity.ts';
import type { JsonObject } from '../../../core/json.ts';
import { modernVersions } from '../../session/protocol-versions.ts';
import type { Visitor } from '../access/http-auth.ts';
import { methodNotAllowed, refusedCode, sessionNotFound, type HttpProblem } from '../http-problem.ts';
import { alreadyOpen, checkAccept, checkBatch, checkBatchOf, checkVersion, sessionIdRequired } from './check-legacy.ts';
import type { HttpSession } from './http-session.ts';
import type { SessionStore } from './session-store.ts';

/** What clients of the legacy era do at the endpoint. Each answers the request, or says why not. */
export interface LegacyEndpoint {
  post(
    request: IncomingMessage,
    response: ServerResponse,
    inbound: { body: JsonObject | JsonObject[]; visitor: Visitor },
  ): HttpProblem | undefined;
  /** Opens a stream for what belongs to no request, or resumes one that broke off. */
  get(request: IncomingMessage, response: ServerResponse, identity: Identity | undefined): HttpProblem | undefined;
  /** Ends a session. */
  delete(request: IncomingMessage, response: ServerResponse, identity: Identity | undefined): HttpProblem | undefined;
}

type Found = { ok: true; session: HttpSession } | { ok: false; problem: HttpProblem };

export function createLegacyEndpoint(sessions: SessionStore): LegacyEndpoint {
  const find = ({ headers }: IncomingMessage, identity: Identity | undefined): Found => {
    const id = sessionIdOf(headers);
    if (id === undefined) return { ok: false, problem: sessionIdRequired };
    const session = sessions.find(id, identity);
    if (session === undefined) return { ok: false, problem: sessionNotFound };
    const problem = checkVersion(headers);
    return problem === undefined ? { ok: true, session } : { ok: false, problem };
  };

  const open = (
    request: IncomingMessage,
    response: ServerResponse,
    { message, visitor }: { message: JsonObject; visitor: Visitor },
  ): HttpProblem | undefined => {
    const { identity } = visitor;
    const id = sessionIdOf(request.headers);
    // An id that is gone is no reason to turn a client away that opens a new session.
    if (id !== undefined && sessions.find(id, identity) !== undefined) return alreadyOpen;
    const session = sessions.open(identity);
    return session === undefined ? noRoom : session.post({ messages: [message], visitor }, response);
  };

  return {
    post(request, response, { body, visitor }) {
      const messages = Array.isArray(body) ? body : [body];
      const problem =
        checkAccept(request.headers, ['application/json', 'text/event-stream']) ??
        (Array.isArray(body) ? checkBatch(messages) : undefined);
      if (problem !== undefined) return problem;
      const [first] = messages;
      if (first?.['method'] === 'initialize') return open(request, response, { message: first, visitor });
      const found = find(request, visitor.identity);
      if (!found.ok) return found.problem;
      const refused = Array.isArray(body) ? checkBatchOf(found.session.revision()) : undefined;
      return refused ?? found.session.post({ messages, visitor }, response);
    },
    get(request, response, identity) {
      if (!hasSession(request)) return methodNotAllowed('POST');
      const problem = checkAccept(request.headers, ['text/event-stream']);
      if (problem !== undefined) return problem;
      const found = find(request, identity);
      return found.ok ? found.session.listen(response, lastEventIdOf(request.headers)) : found.problem;
    },
    delete(request, response, identity) {
      if (!hasSession(request)) return methodNotAllowed('POST');
      const found = find(request, identity);
      if (!found.ok) return found.problem;
      found.session.close(sessionNotFound);
      response.writeHead(200, { 'Content-Length': 0 }).end();
      return undefined;
    },
  };
}

const noRoom: HttpProblem = {
  status: 503,
  code: refusedCode,
  message: 'Service Unavailable: too many sessions are open (limits.sessions); come back',
  retryAfterS: 10,
};

/** Only sessions have streams and an end of their own; to the modern era, which has none, everything is a POST. */
function hasSession({ headers }: IncomingMessage): boolean {
  const version = headers['mcp-protocol-version'];
  return sessionIdOf(headers) !== undefined && !modernVersions.some((modern) => modern === version);
}

function sessionIdOf(headers: IncomingHttpHeaders): string | undefined {
  const id = headers['mcp-session-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function lastEventIdOf(headers: IncomingHttpHeaders): string | undefined {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}
