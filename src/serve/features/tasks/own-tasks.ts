import { randomBytes } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import type { Engine } from '../../engine.ts';
import { memoryOf } from '../client-memory.ts';
import { keepNewest } from '../keep-newest.ts';
import { findBatchTask, hasExpired, minPollMs, stateOf, type FoundTask, type TaskState } from './batch-task.ts';

/** Tasks of ours that one legacy client can list. */
const maxTasks = 1_000;
/** Replies of tasks that ended as they began: each may be as large as a reply can be. */
const maxAnswered = 16;
const secretBytes = 16;
/** Of why nothing was run. The whole of it is in `tasks/result`, which not every client asks for where a task has failed. */
const maxMessageChars = 500;

/** A task that was over when it was made: of a batch that was refused, only planned, or had run before. */
export interface AnsweredTask {
  taskId: string;
  createdMs: number;
  createdSince1970Ms: number;
  ttlMs: number;
  reply: JsonObject;
}

/** What a legacy client finds under an id: a batch, or the reply of a task that ran nothing. */
export type OwnTask = ({ kind: 'batch' } & FoundTask) | { kind: 'answered'; task: AnsweredTask };

/** Tasks of ours, remembered for a client that lists them. Batches stand in their own book, and are found there. */
export interface OwnTasks {
  listed: Map<string, true>;
  answered: Map<string, AnsweredTask>;
}

/** From now on the client lists it. */
export function listBatchTask(engine: Engine, taskId: string): void {
  keepNewest(memoryOf(engine).ownTasks.listed, { key: taskId, value: true, max: maxTasks });
}

/** Makes a task of what has been answered already. */
export function keepAnswered(engine: Engine, { reply, ttlMs }: { reply: JsonObject; ttlMs: number }): AnsweredTask {
  const taskId = randomBytes(secretBytes).toString('hex');
  const task = { taskId, createdMs: engine.clock.now(), createdSince1970Ms: Date.now(), ttlMs, reply };
  keepNewest(memoryOf(engine).ownTasks.answered, { key: taskId, value: task, max: maxAnswered });
  listBatchTask(engine, taskId);
  return task;
}

/** A task of ours, if it is this client's. */
export function findOwnTask(
  engine: Engine,
  { principal, taskId }: { principal: string; taskId: string },
): OwnTask | undefined {
  const { answered } = memoryOf(engine).ownTasks;
  const task = answered.get(taskId);
  if (task === undefined) {
    const found = findBatchTask(engine, { principal, taskId });
    return found && { kind: 'batch', ...found };
  }
  if (!hasExpired(task, engine.clock.now())) return { kind: 'answered', task };
  answered.delete(taskId);
  return undefined;
}

/** How many batches run as tasks of this client. */
export function countRunning(engine: Engine, principal: string): number {
  const { listed } = memoryOf(engine).ownTasks;
  return [...listed.keys()].filter((taskId) => {
    const found = findBatchTask(engine, { principal, taskId });
    return found !== undefined && !found.batch.isOver();
  }).length;
}

/** Those that are still there, the oldest first. */
export function listOwnTasks(engine: Engine, principal: string): TaskState[] {
  const { listed } = memoryOf(engine).ownTasks;
  return [...listed.keys()].flatMap((taskId) => {
    const found = findOwnTask(engine, { principal, taskId });
    if (found !== undefined) return [ownState(found, engine.clock.now())];
    listed.delete(taskId);
    return [];
  });
}

export function ownState(own: OwnTask, nowMs: number): TaskState {
  return own.kind === 'batch' ? stateOf(own, nowMs) : answeredState(own.task);
}

function answeredState({ taskId, createdSince1970Ms, ttlMs, reply }: AnsweredTask): TaskState {
  const isError = reply['isError'] === true;
  return {
    taskId,
    status: isError ? 'failed' : 'completed',
    message: isError ? firstWordsOf(reply) : 'answered without running anything',
    createdSince1970Ms,
    updatedSince1970Ms: createdSince1970Ms,
    ttlMs,
    pollMs: minPollMs,
  };
}

function firstWordsOf({ content }: JsonObject): string {
  const [first] = Array.isArray(content) ? content : [];
  const text = isJsonObject(first) && typeof first['text'] === 'string' ? first['text'] : 'nothing was run';
  return text.length > maxMessageChars ? `${text.slice(0, maxMessageChars)}…` : text;
}
