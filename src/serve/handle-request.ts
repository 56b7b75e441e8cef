import type { JsonObject } from '../core/json.ts';
import type { ClientRequest } from './client-request.ts';
import type { Engine } from './engine.ts';
import { complete } from './features/asking/complete.ts';
import { askAboutTask, listTasks } from './features/asking/tasks.ts';
import { callVendorMethod, methodNotFound } from './features/asking/vendor-methods.ts';
import { listKinds } from './features/lists/list-kind.ts';
import { listPrompts } from './features/lists/list-prompts.ts';
import { listResources } from './features/lists/list-resources.ts';
import { listTools } from './features/lists/list-tools.ts';
import { getPrompt } from './features/prompts/get-prompt.ts';
import { requireScopes } from './features/asking/require-scopes.ts';
import { changeSubscription } from './features/resources/change-subscription.ts';
import { readResource } from './features/resources/read-resource.ts';
import { setLogLevel } from './features/set-log-level.ts';
import { answerModernTask, modernTaskMethods } from './features/tasks/answer-modern-task.ts';
import { handleToolCall } from './features/tools/handle-tool-call.ts';

/**
 * Answers every request of a client that its session does not answer by itself.
 * @throws ProtocolError with the error that the client gets; a server's own is passed on with its code, message and data
 */
export function handleRequest(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  // Nearly all that clients ask, and what it costs is measured: no step is taken that others need.
  return request.method === 'tools/call' ? handleToolCall(engine, request) : handleOther(engine, request);
}

async function handleOther(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  const { method, era } = request;
  if (isOutOfPlace(method, era)) throw methodNotFound(method);
  requireScopes(request);
  switch (method) {
    case 'tools/list':
      return listTools(engine, request);
    case 'resources/list':
      return listResources(engine, { request, kind: listKinds.resources });
    case 'resources/templates/list':
      return listResources(engine, { request, kind: listKinds.templates });
    case 'resources/read':
      return readResource(engine, request);
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return changeSubscription(engine, request);
    case 'prompts/list':
      return listPrompts(engine, request);
    case 'prompts/get':
      return getPrompt(engine, request);
    case 'completion/complete':
      return complete(engine, request);
    case 'logging/setLevel':
      return setLogLevel(engine, request);
    case 'tasks/list':
      return listTasks(engine, request);
    default:
      if (!method.startsWith('tasks/')) return callVendorMethod(engine, request);
      return era === 'modern' ? answerModernTask(engine, request) : askAboutTask(engine, request);
  }
}

/** Methods that are not of the modern era. */
const legacyMethods = new Set(['logging/setLevel', 'resources/subscribe', 'resources/unsubscribe']);
/** What is between us and the client, and of one era or the other: no server gets it, whoever sends it. */
const sessionMethods = new Set(['initialize', 'ping', 'server/discover', 'subscriptions/listen']);

function isOutOfPlace(method: string, era: ClientRequest['era']): boolean {
  if (sessionMethods.has(method) || method.startsWith('notifications/')) return true;
  if (era === 'legacy') return false;
  return legacyMethods.has(method) || (method.startsWith('tasks/') && !modernTaskMethods.has(method));
}
