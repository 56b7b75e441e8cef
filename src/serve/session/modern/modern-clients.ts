import { PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import type { Ask, Notice } from '../../../core/protocol/client.ts';
import { refusal, rpcCode, type RequestId, type RpcError } from '../../../core/protocol/rpc.ts';
import { progressTokenOf } from '../../client-request.ts';
import type { Engine, Reception } from '../../engine.ts';
import { requireScopes } from '../../features/asking/require-scopes.ts';
import { watchChanges } from '../../features/client-changes.ts';
import { forwardNotice } from '../../features/forward-notice.ts';
import { serverCapabilities } from '../../features/server-capabilities.ts';
import { requireTasks } from '../../features/tasks/understands-tasks.ts';
import { handleRequest } from '../../handle-request.ts';
import { instructionsFor } from '../../instructions.ts';
import { clientNameOf, keyScopeOf } from '../../key-scope.ts';
import { createSuspensions } from '../../questions/suspensions.ts';
import { errorAnswer, identityOf, notAMessage, toModernResult, toRpcError } from '../answers.ts';
import { createEnvelopeReader, withoutEnvelope, type Envelope } from './envelope.ts';
import { createJoinedEngines } from './joined-engines.ts';
import { createListenDesk } from './listen-desk.ts';
import { isGatedChange, wantsResources, wantsTasks } from './listen-filter.ts';
import { modernVersions } from '../protocol-versions.ts';
import { readMessage } from '../read-message.ts';
import type { Exchange, ModernClients } from '../session.ts';
import type { ToolClass } from '../../../core/tool.ts';
import { nameOfTool } from '../../telemetry/name-of-tool.ts';

export interface ModernClientsOptions {
  /** Several clients may come under one principal, and cannot be told apart: HTTP without authentication. */
  isShared: boolean;
  transport: 'stdio' | 'http';
  /** Gets what servers tell that belongs to no request and to no subscription. Only a transport with one stream can carry it. */
  onStrayNotice?: (notice: Notice) => void;
}

/** A request on its way. */
interface OpenRequest {
  id: RequestId;
  method: string;
  params: JsonObject;
  exchange: Exchange;
  envelope: Envelope;
}

/** Methods whose errors are the servers' own words. An error −32601 of any other says that there is no such method. */
const knownMethods = new Set([
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
  'completion/complete',
]);

/** Serves clients of the modern era: each request stands for itself, and brings with it what is to be known of its client. */
export function createModernClients(
  reception: Reception,
  { isShared, transport, onStrayNotice }: ModernClientsOptions,
): ModernClients {
  const serverInfo = identityOf(reception);
  const envelopes = createEnvelopeReader();
  const suspensions = createSuspensions({ ...reception, isShared });
  const listeners = createListenDesk({ serverInfo });
  const engines = createJoinedEngines(reception, {
    onJoin: (engine) =>
      watchChanges(engine, (notice) => {
        if (!isGatedChange(notice)) onStrayNotice?.(notice);
      }),
  });

  const join = (
    { principal }: Exchange,
    { capabilities, capabilitiesKey }: Envelope,
  ): ReturnType<typeof engines.take> =>
    engines.take({ id: principal, era: 'modern', capabilities, isShared }, capabilitiesKey);

  const withEngine = async <T>(request: OpenRequest, use: (engine: Engine) => T | Promise<T>): Promise<T> => {
    const { engine, giveBack } = join(request.exchange, request.envelope);
    try {
      return await use(engine);
    } finally {
      giveBack();
    }
  };

  const serve = (request: OpenRequest): JsonObject | Promise<JsonObject> => {
    const { method, params, exchange, envelope } = request;
    if (method === 'server/discover') return withEngine(request, (engine) => discover(engine, exchange.scopes));
    const clientName = clientNameOf(envelope.clientInfo);
    const asked = {
      method,
      era: 'modern',
      principal: exchange.principal,
      keyScope: exchange.scopes === undefined ? keyScopeOf(transport, envelope.clientInfo) : exchange.principal,
      ...(clientName !== undefined && { clientName }),
      ...(exchange.scopes !== undefined && { scopes: exchange.scopes }),
      params: withoutEnvelope(params),
      ...progressTokenOf(params),
      ...(envelope.logLevel !== undefined && { logLevel: envelope.logLevel }),
      capabilities: envelope.capabilities,
      signal: exchange.signal,
      notify: (notice: Notice) => exchange.send({ jsonrpc: '2.0', ...notice }),
      ask: askNothing,
    } as const;
    // What waits for its client's answers runs on after this exchange, and holds its connections for as long.
    return suspensions.serve(asked, (inner) => withEngine(request, (engine) => handleRequest(engine, inner)));
  };

  /** Under a span, where somebody is told of it. What waits for its client's answers goes on under the span that it began with. */
  const serveTraced = (request: OpenRequest): JsonObject | Promise<JsonObject> => {
    const { telemetry } = reception;
    if (telemetry === undefined) return serve(request);
    const { id, method, params: asked, exchange, envelope } = request;
    const toolName = (written: string): string | undefined => {
      const { engine, giveBack } = join(exchange, envelope);
      const name = nameOfTool(engine, written);
      giveBack();
      return name;
    };
    const { signal } = exchange;
    return telemetry.serve(
      { id, method, params: asked, signal, transport, protocolVersion: revisionOf(asked), toolName },
      (params) => serve({ ...request, params }),
    );
  };

  const answer = async (request: OpenRequest): Promise<void> => {
    const { id, method, exchange } = request;
    try {
      if (method === 'subscriptions/listen') {
        if (wantsResources(request.params)) requireScopes({ ...exchange, method: 'resources/subscribe' });
        if (wantsTasks(request.params)) requireTasks(request.envelope.capabilities);
        return await withEngine(request, (engine) => listeners.serve(engine, request));
      }
      const result = await serveTraced(request);
      exchange.send({ jsonrpc: '2.0', id, result: toModernResult(result, { method, serverInfo }) });
    } catch (thrown) {
      const error = toRpcError(thrown, reception);
      exchange.send(errorAnswer(id, error), { httpStatus: statusOf(error, method) });
    }
  };

  return {
    receive(raw, exchange) {
      const message = readMessage(raw);
      if (message.kind !== 'request' && message.kind !== 'notification') {
        return exchange.send(errorAnswer(message.id ?? null, notAMessage), { httpStatus: 400 });
      }
      const { method, params } = message;
      const read = envelopes.read(raw);
      if (message.kind === 'request') {
        const { id } = message;
        if (read.ok) void answer({ id, method, params, exchange, envelope: read.envelope });
        else exchange.send(errorAnswer(id, read.error), { httpStatus: 400 });
      } else if (read.ok && method !== 'notifications/cancelled') {
        const { engine, giveBack } = join(exchange, read.envelope);
        forwardNotice(engine, { method, params: withoutEnvelope(params) }, exchange.scopes);
        giveBack();
      }
    },
    leave(principal) {
      suspensions.leave(principal);
      engines.leaveAll(principal);
    },
    close() {
      listeners.close();
      suspensions.close();
      engines.close();
    },
  };
}

/** A modern client takes no requests: what is asked of it goes into the answer, which is what the suspensions are for. */
const askNothing: Ask = () => Promise.resolve(refusal(rpcCode.methodNotFound, 'the client takes no requests'));

function discover(engine: Engine, scopes: ReadonlySet<ToolClass> | undefined): JsonObject {
  return {
    supportedVersions: [...modernVersions],
    capabilities: serverCapabilities(engine, 'modern'),
    instructions: instructionsFor(engine, scopes),
  };
}

function revisionOf({ _meta: meta }: JsonObject): string | undefined {
  const revision = isJsonObject(meta) ? meta[PROTOCOL_VERSION_META_KEY] : undefined;
  return typeof revision === 'string' ? revision : undefined;
}

/** HTTP 404 for methods that do not exist, 400 for what the client would have had to declare (MCP 2026-07-28, Streamable HTTP). */
function statusOf({ code }: RpcError, method: string): number {
  if (code === rpcCode.methodNotFound && !knownMethods.has(method)) return 404;
  return code === rpcCode.missingCapability ? 400 : 200;
}
