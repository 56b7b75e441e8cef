import type { IncomingMessage, ServerResponse } from 'node:http';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { rpcCode, type RequestId } from '../../core/protocol/rpc.ts';
import type { Logger } from '../../lib/logger.ts';
import { checkBodyHead } from './edge/check-body-head.ts';
import { classifyRequest } from './edge/classify-request.ts';
import { readSource, type createSourceCheck } from './edge/check-source.ts';
import { findRoute } from './edge/find-route.ts';
import { parseBody } from './edge/parse-body.ts';
import type { createBodyReader } from './edge/read-body.ts';
import type { Health } from './health.ts';
import { methodNotAllowed, refuse, refusedCode, type HttpProblem } from './http-problem.ts';
import type { LegacyEndpoint } from './legacy/legacy-endpoint.ts';
import type { ModernEndpoint } from './modern/modern-endpoint.ts';

export interface HandlerParts {
  checkSource: ReturnType<typeof createSourceCheck>;
  readBody: ReturnType<typeof createBodyReader>;
  /** Of a request body. */
  maxBytes: number;
  /** Why nothing is taken over the request's connection, for now or any more. */
  unwelcome: (request: IncomingMessage) => HttpProblem | undefined;
  /** Why nothing is begun any more, though it was welcome when it came. */
  ending: () => HttpProblem | undefined;
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
  const { legacy, modern, health, logger } = parts;

  const serveBody = (request: IncomingMessage, response: ServerResponse, body: unknown): Verdict => {
    const id = idOf(body);
    const ending = parts.ending();
    if (ending !== undefined) return { problem: ending, ...id };
    const era = classifyRequest(request.headers, body);
    if (era.kind === 'refused') return { problem: era.problem, ...id };
    const problem =
      era.kind === 'modern'
        ? modern.post(request, response, { message: toObject(body), revision: era.revision })
        : legacy.post(request, response, Array.isArray(body) ? body.map(toObject) : toObject(body));
    return problem && { problem, ...id };
  };

  const post = async (
    request: IncomingMessage,
    response: ServerResponse,
    mayContinue: () => void,
  ): Promise<Verdict> => {
    const refused = checkBodyHead(request.headers, parts);
    if (refused !== undefined) return { problem: refused };
    mayContinue();
    const read = await parts.readBody(request);
    if (read.kind === 'refused') return { problem: read.problem };
    // Who has gone gets no answer.
    if (read.kind === 'gone' || response.destroyed) return undefined;
    const parsed = parseBody(read.bytes);
    return parsed.ok ? serveBody(request, response, parsed.value) : { problem: parsed.problem };
  };

  const route = (
    request: IncomingMessage,
    response: ServerResponse,
    mayContinue: () => void,
  ): Promise<Verdict> | Verdict => {
    const unwelcome = parts.unwelcome(request);
    if (unwelcome !== undefined) return { problem: unwelcome };
    const found = findRoute(request.url ?? '');
    const { hosts, origins } = readSource(request.rawHeaders);
    const problem = parts.checkSource({ hosts: found.host === undefined ? hosts : [found.host], origins });
    if (problem !== undefined) return { problem };
    if (found.route === undefined) return { problem: notFound };
    const { method } = request;
    if (found.route !== 'mcp') {
      if (method !== 'GET' && method !== 'HEAD') return { problem: methodNotAllowed('GET, HEAD') };
      return (health[found.route](response), undefined);
    }
    if (method === 'POST') return post(request, response, mayContinue);
    if (method === 'GET') return toVerdict(legacy.get(request, response));
    if (method === 'DELETE') return toVerdict(legacy.delete(request, response));
    return { problem: methodNotAllowed('GET, POST, DELETE') };
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
