import { ProtocolError } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import type { Notice } from '../../../core/protocol/client.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import type { OpenBatch } from '../../batch/book/open-batch.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { boundTtlMs, createBatchTask, stateOf, statusOf, type BatchTask, type FoundTask } from './batch-task.ts';
import { countRunning, keepAnswered, listBatchTask, ownState } from './own-tasks.ts';
import { toLegacyTask, withRelatedTask } from './render-task.ts';
import type { RunBatch } from './run-as-task.ts';
import { createTaskQuestions } from './task-questions.ts';

/** No request of theirs is open, which is what bounds batches otherwise. */
const maxRunning = 100;
/** What a model may be told while its batch runs (MCP 2025-11-25, tasks). */
const immediateKey = 'io.modelcontextprotocol/model-immediate-response';

/**
 * Begins a batch for a legacy client that wants to follow it as a task, and answers before it has run. What was answered without running
 * anything is a task as well, since the client expects one: its `tasks/result` is that answer.
 * @throws ProtocolError −32602 for a wish that is none, −32603 where too many run already
 */
export async function beginTask(engine: Engine, request: ClientRequest, run: RunBatch): Promise<JsonObject> {
  const askedTtlMs = readTtl(request.params['task']);
  if (countRunning(engine, request.principal) >= maxRunning) {
    const reason = `${maxRunning} tasks of this client run already; nothing was run: wait for some, or cancel them`;
    throw new ProtocolError(rpcCode.internalError, reason);
  }
  const { backgroundMs } = engine.setup().settings;
  const questions = createTaskQuestions(engine);
  let task: BatchTask | undefined;
  const take = (batch: OpenBatch): JsonObject => {
    const ttlMs = boundTtlMs(askedTtlMs, { runMs: batch.plan.deadlineMs + backgroundMs });
    task = createBatchTask(engine, batch, { ttlMs, questions });
    listBatchTask(engine, task.taskId);
    announceStatus(engine, { task, batch });
    return {
      ...created(toLegacyTask(stateOf({ task, batch }, engine.clock.now()))),
      _meta: { [immediateKey]: `batch ${batch.batchId} runs as a task; batch_await shows what it has come to` },
    };
  };
  // The request will have been answered: what is told and asked from then on goes another way.
  const notify = ({ method, params }: Notice): void => {
    if (task !== undefined) tellOfTask(engine, { method, params: withRelatedTask(params, task.taskId) });
  };
  const answer = await run({ ...request, notify, ask: questions.ask }, { isAtOnce: true, take });
  if (task !== undefined) return answer;
  const kept = keepAnswered(engine, { reply: answer, ttlMs: boundTtlMs(askedTtlMs, { runMs: 0 }) });
  return created(toLegacyTask(ownState({ kind: 'answered', task: kept }, kept.createdMs)));
}

/** Every task begins so, also one that is over already. */
function created(task: JsonObject): JsonObject {
  return { task: { ...task, status: 'working' } };
}

/** Nothing of a client's wish but this is in our hands. Null is what some say for as long as can be. */
function readTtl(wish: unknown): number | undefined {
  if (!isJsonObject(wish)) throw new ProtocolError(rpcCode.invalidParams, 'params.task must be an object');
  const { ttl } = wish;
  if (ttl === undefined || ttl === null) return undefined;
  if (typeof ttl === 'number' && ttl >= 0) return ttl;
  throw new ProtocolError(rpcCode.invalidParams, 'params.task.ttl must be a number of milliseconds, 0 or more');
}

/** Has the client hear of each change of the status, until the task is over. */
function announceStatus(engine: Engine, { task, batch }: FoundTask): void {
  let told = statusOf({ task, batch });
  const look = (): void => {
    const status = statusOf({ task, batch });
    if (status === told) return;
    told = status;
    tellOfTask(engine, {
      method: 'notifications/tasks/status',
      params: toLegacyTask(stateOf({ task, batch }, engine.clock.now())),
    });
  };
  task.questions.onChange(look);
  const stopListening = batch.onChange(look);
  void batch.ended.then(() => {
    look();
    stopListening();
  });
}

function tellOfTask(engine: Engine, notice: Notice): void {
  for (const listener of memoryOf(engine).taskListeners) listener(notice);
}
