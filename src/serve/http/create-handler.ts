import type { IncomingMessage, ServerResponse } from 'node:http';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { rpcCode, type RequestId } from '../../core/protocol/rpc.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Identity } from '../../access/identity.ts';
import { countCalls } from './access/count-calls.ts';
import type { Cors } from './access/cors.ts';
import type { Door } from './access/door.ts';
import { checkBodyHead } from './edge/check-body-head.ts';
import { classifyRequest } from './edge/classify-request.ts';
import { readSource, type createSourceCheck } from './edge/check-source.ts';
import { findRoute } from './edge/find-route.ts';
import { parseBody } from './edge/parse-body.ts';
import type { createBodyReader } from './edge/read-body.ts';
import { refuseAuthorization } from './edge/refuse-authorization.ts';
import type { Health } from './health.ts';
import { methodNotAllowed, refuse, refusedCode, type HttpProblem } from './http-problem.ts';
import type { LegacyEndpoint } from './legacy/legacy-endpoint.ts';
import type { ModernEndpoint } from './modern/modern-endpoint.ts';
import { sendJson } from './stream/send-json.ts';
import { adoptTraceHeaders } from '../telemetry/adopt-trace-headers.ts';

export interface HandlerParts {
  checkSource: ReturnType<typeof createSourceCheck>;
  readBody: ReturnType<typeof createBodyReader>;
  /** Whether trace context of HTTP requests is that of their messages, where they bring none of their own. */
  isTraced: boolean;
  /** Of a request body. */
  maxBytes: number;
  /** Why nothing is taken over the request's connection, for now or any more. */
  unwelcome: (request: IncomingMessage) => HttpProblem | undefined;
  /** Why nothing is begun any more, though it was welcome when it came. */
  ending: () => HttpProblem | undefined;
  /** Where clients prove who they are. Absent: nobody has to. */
  door: Door | undefined;
  cors: Cors;
  /** The address that a connection was made to, where we listen at all that there are; absent elsewhere. */
  ownAddressOf: (request: IncomingMessage) => string | undefined;
  legacy: LegacyEndpoint;
  modern: ModernEndpoint;
  health: Health;
  logger: Logger;
  /** Called with a request that was refused before it was read to its end. */
  onUnread: (request: IncomingMessage) => void;
}

/** What a request comes to: it was answered, or is to be refused. */
type Verdict = { problem: HttpProblem; id?: RequestId } | undefined;

/** Takes every request from its head to the endpoint of its era. `expectsContinue`: the client holds its body back until it is asked for. */
export function createHandler(
  parts: HandlerParts,
): (request: IncomingMessage, response: ServerResponse, expectsContinue?: boolean) => void {
  const { legacy, modern, health, door, cors, logger } = parts;

  const serveBody = (
    request: IncomingMessage,
    response: ServerResponse,
    { body, identity }: { body: unknown; identity: Identity | undefined },
  ): Verdict => {
    const id = idOf(body);
    const ending = parts.ending();
    if (ending !== undefined) return { problem: ending, ...id };
    const era = classifyRequest(request.headers, body);
    if (era.kind === 'refused') return { problem: era.problem, ...id };
    const entry = identity === undefined ? undefined : door?.enter(identity, countCalls(body));
    if (entry?.ok === false) return { problem: entry.problem, ...id };
    const visitor = { identity, leave: () => entry?.leave() };
    const problem =
      era.kind === 'modern'
        ? modern.post(request, response, { message: toObject(body), revision: era.revision, visitor })
        : legacy.post(request, response, {
            body: Array.isArray(body) ? body.map(toObject) : toObject(body),
            visitor,
          });
    if (problem === undefined) return undefined;
    visitor.leave();
    return { problem, ...id };
  };

  const post = async (
    request: IncomingMessage,
    response: ServerResponse,
    { identity, mayContinue }: { identity: Identity | undefined; mayContinue: () => void },
  ): Promise<Verdict> => {
    const refused = checkBodyHead(request.headers, parts);
    if (refused !== undefined) return { problem: refused };
    mayContinue();
    const read = await parts.readBody(request);
    if (read.kind === 'refused') return { problem: read.problem };
    // Who has gone gets no answer.
    if (read.kind === 'gone' || response.destroyed) return undefined;
    const parsed = parseBody(read.bytes);
    if (!parsed.ok) return { problem: parsed.problem };
    const body = parts.isTraced ? adoptTraceHeaders(parsed.value, request.headers) : parsed.value;
    return serveBody(request, response, { body, identity });
  };

  const serveMcp = (
    request: IncomingMessage,
    response: ServerResponse,
    visit: { identity: Identity | undefined; mayContinue: () => void },
  ): Promise<Verdict> | Verdict => {
    // While it was looked at who they are, some have gone.
    if (response.destroyed) return undefined;
    const { method } = request;
    if (method === 'POST') return post(request, response, visit);
    if (method === 'GET') return toVerdict(legacy.get(request, response, visit.identity));
    return toVerdict(legacy.delete(request, response, visit.identity));
  };

  const serveHealth = async (
    request: IncomingMessage,
    response: ServerResponse,
    { route: asked, host }: { route: 'alive' | 'ready'; host: string },
  ): Promise<Verdict> => {
    if (asked === 'alive') return (health.alive(response), undefined);
    // A supervisor has no token; who shows one wants to know more.
    const isKnown = request.headers.authorization !== undefined;
    const admission = isKnown ? await door?.admit(request, response, host) : undefined;
    if (admission?.ok === false) return { problem: admission.problem };
    health.ready(response, { isStranger: door !== undefined && admission === undefined });
    return undefined;
  };

  const route = async (
    request: IncomingMessage,
    response: ServerResponse,
    mayContinue: () => void,
  ): Promise<Verdict> => {
    const unwelcome = parts.unwelcome(request);
    if (unwelcome !== undefined) return { problem: unwelcome };
    const found = findRoute(request.url ?? '', door?.metadata.paths);
    const { hosts, origins } = readSource(request.rawHeaders);
    const problem = parts.checkSource({
      hosts: found.host === undefined ? hosts : [found.host],
      origins,
      ownAddress: parts.ownAddressOf(request),
    });
    if (problem !== undefined) return { problem };
    cors.mark(request, response);
    if (found.route === undefined) return { problem: notFound };
    const { method } = request;
    if (cors.answerPreflight(request, response)) return undefined;
    if (found.route === 'authorization') return { problem: refuseAuthorization(found.path, door?.issuer) };
    const host = found.host ?? hosts[0] ?? '';
    if (found.route !== 'mcp') {
      if (method !== 'GET' && method !== 'HEAD') return { problem: methodNotAllowed('GET, HEAD') };
      if (found.route !== 'metadata') return serveHealth(request, response, { route: found.route, host });
      sendJson(response, `${JSON.stringify(door?.metadata.document(host))}\n`);
      return undefined;
    }
    if (method !== 'POST' && method !== 'GET' && method !== 'DELETE') {
      return { problem: methodNotAllowed('GET, POST, DELETE') };
    }
    if (door === undefined) return serveMcp(request, response, { identity: undefined, mayContinue });
    const admission = await door.admit(request, response, host);
    if (!admission.ok) return { problem: admission.problem };
    return serveMcp(request, response, { identity: admission.identity, mayContinue });
  };

  return (request, response, expectsContinue = false) => {
    const mayContinue = (): void => void (expectsContinue && response.writeContinue());
    const settle = (verdict: Verdict): void => {
      if (verdict === undefined || response.headersSent || response.destroyed) return;
      const { problem, id } = verdict;
      logger.debug({ status: problem.status, reason: problem.message }, 'a request was refused');
      refuse(response, problem, id);
      if (!request.complete) parts.onUnread(request);
    };
    const serve = async (): Promise<void> => settle(await route(request, response, mayContinue));
    serve().catch((error: unknown) => {
      logger.error({ reason: String(error) }, 'serving a request failed inside mcp-marshal');
      settle({ problem: internal });
    });
  };
}

const notFound: HttpProblem = { status: 404, code: refusedCode, message: 'Not Found: the endpoint is /mcp' };
const internal: HttpProblem = { status: 500, code: rpcCode.internalError, message: 'Internal error' };

function toVerdict(problem: HttpProblem | undefined): Verdict {
  return problem && { problem };
}

/** The id of a request, as a field to spread; absent for what is none, or has none that an answer can carry. */
function idOf(body: unknown): { id?: RequestId } {
  if (!isJsonObject(body) || typeof body['method'] !== 'string') return {};
  const { id } = body;
  return typeof id === 'string' || typeof id === 'number' ? { id } : {};
}

function toObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
