import { ProtocolError } from '@modelcontextprotocol/server';
import type { JsonObject } from '../../../core/json.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import { untilOver } from '../../batch/later/until-over.ts';
import { replyAsItStands } from '../../batch/reply-as-it-stands.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { methodNotFound } from '../asking/vendor-methods.ts';
import type { FoundTask } from './batch-task.ts';
import { ownState, type OwnTask } from './own-tasks.ts';
import { toLegacyTask, withRelatedTask } from './render-task.ts';

/** A batch ends by itself, long before that: its deadline, the background, and the time for answers are bounded. */
const longestMs = 24 * 60 * 60_000;

/**
 * Answers what a legacy client asks about a task of ours (MCP 2025-11-25, tasks).
 * @throws ProtocolError −32602 where a task that is over is to be cancelled, −32601 for a method that is none
 */
export async function answerLegacyTask(engine: Engine, request: ClientRequest, own: OwnTask): Promise<JsonObject> {
  switch (request.method) {
    case 'tasks/get':
      return toLegacyTask(ownState(own, engine.clock.now()));
    case 'tasks/result':
      return own.kind === 'batch' ? resultOf(engine, request, own) : withRelatedTask(own.task.reply, own.task.taskId);
    case 'tasks/cancel':
      return cancel(own, engine.clock.now());
    default:
      throw methodNotFound(request.method);
  }
}

/** The batch's reply, once it has ended. Who waits for it is whom its questions go to. */
async function resultOf(engine: Engine, request: ClientRequest, { task, batch }: FoundTask): Promise<JsonObject> {
  const { taskId, questions } = task;
  const { principal, signal } = request;
  const hangUp = questions.putThrough(({ method, params }, withdrawn) =>
    request.ask({ method, params: withRelatedTask(params, taskId) }, withdrawn),
  );
  await untilOver(batch, { clock: engine.clock, timeoutMs: longestMs, signal });
  hangUp();
  const { settings } = engine.setup();
  return withRelatedTask(replyAsItStands(engine, { batch, principal, settings }), taskId);
}

/** As `batch_cancel` does it. What comes of the calls is in `tasks/result`. */
function cancel(own: OwnTask, nowMs: number): JsonObject {
  const { status } = ownState(own, nowMs);
  if (own.kind === 'answered' || status === 'completed' || status === 'cancelled') {
    throw new ProtocolError(rpcCode.invalidParams, `Cannot cancel task: already in terminal status '${status}'`);
  }
  own.task.isCancelled = true;
  own.batch.cancel();
  return toLegacyTask(ownState(own, nowMs));
}
