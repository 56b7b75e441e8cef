import { ProtocolError } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { sendRequest } from '../../questions/sending/send-request.ts';
import { keepNewest } from '../keep-newest.ts';
import { listKinds } from '../lists/list-kind.ts';
import { listLive } from '../lists/list-live.ts';
import { entriesOf } from '../lists/read-list.ts';
import { answerLegacyTask } from '../tasks/answer-legacy-task.ts';
import { findOwnTask, listOwnTasks } from '../tasks/own-tasks.ts';
import { toLegacyTask } from '../tasks/render-task.ts';
import { toResult } from '../to-result.ts';

/** Tasks of one client whose server is remembered. Whoever has more has lost count of them. */
const maxTasks = 1_000;
/** Servers make ids; one that is longer than this is not kept in memory for their sake. */
const maxIdChars = 1_000;

/** Remembers which server made a task for this client (MCP 2025-11-25, tasks). The task is nobody else's. */
export function rememberTask(engine: Engine, { server, result }: { server: string; result: JsonObject }): void {
  const task = isJsonObject(result['task']) ? result['task'] : {};
  const { taskId } = task;
  if (typeof taskId !== 'string' || taskId.length > maxIdChars) return;
  keepNewest(memoryOf(engine).taskServers, { key: taskId, value: server, max: maxTasks });
}

/** Answers `tasks/get`, `tasks/result`, `tasks/cancel` and their like: of a batch, or by the server whose task it is. */
export async function askAboutTask(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  const { taskId } = request.params;
  if (typeof taskId !== 'string') {
    throw new ProtocolError(rpcCode.invalidParams, `${request.method} needs params.taskId, a string`);
  }
  const own = findOwnTask(engine, { principal: request.principal, taskId });
  if (own !== undefined) return answerLegacyTask(engine, request, own);
  const server = memoryOf(engine).taskServers.get(taskId);
  if (server === undefined) throw new ProtocolError(rpcCode.invalidParams, `Task not found: ${taskId}`);
  return toResult(await sendRequest(engine, { server, request }));
}

/**
 * Answers `tasks/list`: batches first, then what the servers list. They may list what others have had them do: a client sees its own.
 * Servers that fail hide no batch.
 */
export async function listTasks(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  const { principal, params, era } = request;
  const kind = listKinds.tasks;
  const own = listOwnTasks(engine, principal).map(toLegacyTask);
  const show: Parameters<typeof listLive>[1]['show'] = (lists) => [
    ...own,
    ...entriesOf(lists)
      .filter(({ server, id }) => isOwnTask(engine, { server, taskId: id }))
      .map(({ entry }) => entry),
  ];
  try {
    return await listLive(engine, { request, kind, show });
  } catch (error) {
    const isUnknown = error instanceof ProtocolError && error.code === rpcCode.methodNotFound;
    if (params['cursor'] !== undefined || !(isUnknown || own.length > 0)) throw error;
    return memoryOf(engine).pages.first({ ...kind, entries: own, fields: {} }, era);
  }
}

/** Whether a task of a server is this client's. */
export function isOwnTask(engine: Engine, { server, taskId }: { server: string; taskId: unknown }): boolean {
  return typeof taskId === 'string' && memoryOf(engine).taskServers.get(taskId) === server;
}
