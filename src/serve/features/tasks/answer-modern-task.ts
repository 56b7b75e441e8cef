import { ProtocolError } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import { replyAsItStands } from '../../batch/reply-as-it-stands.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { findBatchTask, stateOf, type FoundTask } from './batch-task.ts';
import { toModernTask } from './render-task.ts';
import { requireTasks } from './understands-tasks.ts';

/** The methods of the tasks extension (MCP 2026-07-28). */
export const modernTaskMethods: ReadonlySet<string> = new Set(['tasks/get', 'tasks/update', 'tasks/cancel']);

/**
 * Answers a method of the tasks extension. All tasks of modern clients are ours: servers are not told that clients understand them.
 * @throws ProtocolError −32021 for a client that has not declared it, −32602 for a task that is not its own
 */
export async function answerModernTask(engine: Engine, request: ClientRequest): Promise<JsonObject> {
  const { method, params, principal, capabilities } = request;
  requireTasks(capabilities);
  const { taskId, inputResponses } = params;
  if (typeof taskId !== 'string') throw invalid(`${method} needs params.taskId, a string`);
  const found = findBatchTask(engine, { principal, taskId });
  if (found === undefined) throw invalid(`Task not found: ${taskId}`);
  if (method === 'tasks/get') return describe(engine, { ...found, principal });
  if (method === 'tasks/update') {
    if (!isJsonObject(inputResponses)) throw invalid('tasks/update needs params.inputResponses, an object');
    found.task.questions.answer(inputResponses);
  } else if (!found.batch.isOver()) {
    found.task.isCancelled = true;
    found.batch.cancel();
  }
  return {};
}

function describe(engine: Engine, { task, batch, principal }: FoundTask & { principal: string }): JsonObject {
  const state = stateOf({ task, batch }, engine.clock.now());
  const shown = toModernTask(state);
  if (state.status === 'input_required') return { ...shown, inputRequests: task.questions.requests() };
  if (state.status !== 'completed') return shown;
  return { ...shown, result: replyAsItStands(engine, { batch, principal, settings: engine.setup().settings }) };
}

function invalid(reason: string): ProtocolError {
  return new ProtocolError(rpcCode.invalidParams, reason);
}
