import { ProtocolError } from '@modelcontextprotocol/server';
import { Aborter } from '../../core/abort.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { refusal, rpcCode, type RequestId } from '../../core/protocol/rpc.ts';
import type { ToolClass } from '../../core/tool.ts';
import { progressTokenOf, type ClientRequest } from '../client-request.ts';
import type { Engine, Reception } from '../engine.ts';
import { serverCapabilities } from '../features/server-capabilities.ts';
import { watchChanges } from '../features/client-changes.ts';
import { forwardNotice } from '../features/forward-notice.ts';
import { handleRequest } from '../handle-request.ts';
import { instructionsFor } from '../instructions.ts';
import { clientNameOf, keyScopeOf } from '../key-scope.ts';
import { errorAnswer, identityOf, notAMessage, toRpcError } from './answers.ts';
import { withoutEnvelope } from './modern/envelope.ts';
import { createOpenQuestions } from './open-questions.ts';
import { negotiate } from './protocol-versions.ts';
import { readMessage, type ClientMessage } from './read-message.ts';
import type { LegacySession, Outlet } from './session.ts';
import { nameOfTool } from '../telemetry/name-of-tool.ts';

export interface LegacySessionOptions {
  /** Who the client is. */
  principal: string;
  /** What its servers know this session by. Absent: its principal, which is a session then. */
  sessionId?: string;
  /** Whether the principal has proved to be who it is, and is the same one in all its sessions. */
  isAuthenticated?: boolean;
  transport: 'stdio' | 'http';
  outlet: Outlet;
}

/**
 * Serves one client of the legacy era. Messages pass as they are: no schema of ours stands between a client and its servers. The
 * session answers for itself only the opening and `ping`.
 */
export function createLegacySession(
  reception: Reception,
  { principal, sessionId = principal, isAuthenticated = false, transport, outlet }: LegacySessionOptions,
): LegacySession {
  const { logger, telemetry } = reception;
  const open = new Set<{ id: RequestId; signal: Aborter }>();
  const questions = createOpenQuestions(outlet);
  let engine: Engine | undefined;
  let declared: JsonObject = {};
  const keyScopeFor = (clientInfo: JsonValue | undefined): string =>
    isAuthenticated ? principal : keyScopeOf(transport, clientInfo);
  let keyScope = keyScopeFor(undefined);
  let clientName: string | undefined;
  let stopWatching: (() => void) | undefined;
  let protocolVersion: string | undefined;
  let endSession: (() => void) | undefined;
  let hasListed = false;
  let isClosed = false;

  const join = (capabilities: JsonObject): Engine => {
    declared = capabilities;
    const joined = reception.join({
      id: sessionId,
      principal,
      era: 'legacy',
      capabilities,
      ask: questions.askFor(undefined),
    });
    stopWatching = watchChanges(joined, (notice) => {
      // Who has not asked for the list yet will get the new one.
      if (notice.method === 'notifications/tools/list_changed' && !hasListed) return;
      outlet.send({ jsonrpc: '2.0', ...notice });
    });
    engine = joined;
    return joined;
  };

  const initialize = ({ params, scopes }: ClientRequest): JsonObject => {
    if (engine !== undefined) throw new ProtocolError(rpcCode.invalidRequest, 'Invalid Request: already initialized');
    const { protocolVersion: wanted, capabilities, clientInfo } = params;
    if (typeof wanted !== 'string') {
      throw new ProtocolError(rpcCode.invalidParams, 'Invalid params: initialize needs params.protocolVersion, a text');
    }
    keyScope = keyScopeFor(clientInfo);
    clientName = clientNameOf(clientInfo);
    const joined = join(isJsonObject(capabilities) ? capabilities : {});
    protocolVersion = negotiate(wanted);
    endSession = telemetry?.sessionOpened(transport);
    return {
      protocolVersion,
      capabilities: serverCapabilities(joined, 'legacy'),
      serverInfo: identityOf(reception),
      instructions: instructionsFor(joined, scopes),
    };
  };

  const serve = (request: ClientRequest): Promise<JsonObject> | JsonObject => {
    if (request.method === 'initialize') return initialize(request);
    if (request.method === 'ping') return {};
    if (request.method === 'tools/list') hasListed = true;
    // Scripts of a few lines leave the opening out; there is nothing that they could be harmed by.
    return handleRequest(engine ?? join({}), request);
  };

  /** Under a span, where somebody is told of it. */
  const serveTraced = (id: RequestId, request: ClientRequest): Promise<JsonObject> | JsonObject => {
    if (telemetry === undefined) return serve(request);
    const { method, params: asked, signal } = request;
    const toolName = (written: string): string | undefined => engine && nameOfTool(engine, written);
    return telemetry.serve(
      { id, method, params: asked, signal, transport, protocolVersion, sessionId, toolName },
      (params) => serve({ ...request, params }),
    );
  };

  const answer = async (
    { id, method, params }: ClientMessage & { kind: 'request' },
    scopes: ReadonlySet<ToolClass> | undefined,
  ): Promise<void> => {
    const entry = { id, signal: new Aborter() };
    open.add(entry);
    const request: ClientRequest = {
      method,
      era: 'legacy',
      principal,
      keyScope,
      ...(clientName !== undefined && { clientName }),
      ...(scopes !== undefined && { scopes }),
      capabilities: declared,
      params: withoutEnvelope(params),
      ...progressTokenOf(params),
      signal: entry.signal,
      // A request that has been answered or cancelled has nothing to tell any more.
      notify(notice) {
        if (open.has(entry) && !entry.signal.aborted) outlet.send({ jsonrpc: '2.0', ...notice }, id);
      },
      ask: questions.askFor(id),
    };
    try {
      const result = await serveTraced(id, request);
      if (!entry.signal.aborted) outlet.send({ jsonrpc: '2.0', id, result }, id);
    } catch (error) {
      if (!entry.signal.aborted) outlet.send(errorAnswer(id, toRpcError(error, reception)), id);
    } finally {
      open.delete(entry);
      if (entry.signal.aborted) outlet.endWithoutAnswer?.(id);
    }
  };

  const notice = (
    { method, params }: ClientMessage & { kind: 'notification' },
    scopes: ReadonlySet<ToolClass> | undefined,
  ): void => {
    if (method === 'notifications/cancelled') {
      const { requestId } = params;
      // All that were given this id: which of them is meant cannot be told.
      for (const entry of open) if (entry.id === requestId) entry.signal.abort();
      return;
    }
    if (engine !== undefined) forwardNotice(engine, { method, params }, scopes);
  };

  return {
    receive(raw, scopes) {
      if (isClosed) return;
      const message = readMessage(raw);
      if (message.kind === 'request') void answer(message, scopes);
      else if (message.kind === 'notification') notice(message, scopes);
      else if (message.kind === 'answer') questions.answer(message.id, message.reply);
      else {
        logger.debug({}, 'a client sent a message that is none');
        const { id } = message;
        // Our questions have ids of their own, which may be those of the client's calls: an answer never gets an answer.
        if (id !== undefined && !('method' in raw)) questions.answer(id, brokenAnswer);
        else if (id !== undefined) outlet.send(errorAnswer(id, notAMessage), id);
      }
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      for (const { signal } of open) signal.abort();
      questions.close();
      stopWatching?.();
      endSession?.();
      engine?.close();
    },
  };
}

const brokenAnswer = refusal(rpcCode.internalError, 'the client sent an answer that is none');
