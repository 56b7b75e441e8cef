import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { Aborter } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { rpcCode, type RequestId } from '../../../core/protocol/rpc.ts';
import { modernVersions } from '../../session/protocol-versions.ts';
import type { ModernClients } from '../../session/session.ts';
import type { Visitor } from '../access/http-auth.ts';
import type { HttpProblem } from '../http-problem.ts';
import type { InFlight } from '../in-flight.ts';
import type { SseStream } from '../stream/sse-stream.ts';
import { checkHeaders } from './check-headers.ts';
import { createHttpExchange, type HttpExchange } from './http-exchange.ts';

/** What clients of the modern era do at the endpoint: requests and notifications that stand for themselves. */
export interface ModernEndpoint {
  /** Answers the request, or says why not. `revision` is what the message, or else its header, names. */
  post(
    request: IncomingMessage,
    response: ServerResponse,
    inbound: { message: JsonObject; revision: string | undefined; visitor: Visitor },
  ): HttpProblem | undefined;
  /** Subscriptions end with their result; what else is open is answered with the problem. Resolves when both have been sent. */
  close(problem: HttpProblem): Promise<void>;
}

export interface ModernEndpointOptions {
  clients: ModernClients;
  clock: Clock;
  inFlight: InFlight;
  openStream: (response: ServerResponse, onClose: () => void) => SseStream;
  inputSchemaOf: (toolName: string) => JsonObject | undefined;
}

/** Without authentication nothing tells one modern client from another. */
const nobody = 'http';

export function createModernEndpoint({
  clients,
  clock,
  inFlight,
  openStream,
  inputSchemaOf,
}: ModernEndpointOptions): ModernEndpoint {
  const open = new Set<HttpExchange>();

  return {
    post(request, response, { message, revision, visitor }) {
      if (revision === undefined || !modernVersions.includes(revision)) return unsupported(revision ?? 'unknown');
      const { id, method } = message;
      const { principal = nobody, scopes } = visitor.identity ?? {};
      const client = { principal, ...(scopes !== undefined && { scopes }) };
      if (!isRequestId(id)) {
        // A notification. It has no answer, and nobody waits for what becomes of it.
        clients.receive(message, { ...client, signal: new Aborter(), send() {} });
        visitor.leave();
        response.writeHead(202).end();
        return undefined;
      }
      const params = isJsonObject(message['params']) ? message['params'] : {};
      const problem = checkHeaders(
        request.headers,
        { method: typeof method === 'string' ? method : '', params, revision },
        inputSchemaOf,
      );
      if (problem !== undefined) return problem;
      // A subscription is never done.
      const leave = method === 'subscriptions/listen' ? undefined : inFlight.enter();
      const exchange = createHttpExchange(response, {
        ...client,
        id,
        clock,
        openStream,
        onClose() {
          open.delete(exchange);
          leave?.();
          visitor.leave();
        },
      });
      open.add(exchange);
      clients.receive(message, exchange);
      return undefined;
    },
    async close(problem) {
      // Subscriptions first: theirs end with a result, which is there when all promises have had their turn.
      clients.close();
      await setImmediate();
      for (const exchange of open) exchange.close(problem);
    },
  };
}

function unsupported(requested: string): HttpProblem {
  return {
    status: 400,
    code: rpcCode.unsupportedVersion,
    message: `Unsupported protocol version: ${requested}`,
    data: { supported: [...modernVersions], requested },
  };
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' || typeof id === 'number';
}
