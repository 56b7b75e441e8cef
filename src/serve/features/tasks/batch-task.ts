import { randomBytes } from 'node:crypto';
import type { Engine } from '../../engine.ts';
import type { OpenBatch } from '../../batch/book/open-batch.ts';
import { keptMinutes } from '../../batch/book/kept-batches.ts';
import type { TaskQuestions } from './task-questions.ts';

/** Who has the id can read the results and cancel the calls. */
const secretBytes = 16;
/**
 * Looks come after a quarter of the time that a task has taken: by no more is an answer late, and a long one is not asked about all the
 * time.
 */
export const minPollMs = 100;
const maxPollMs = 2_000;
/** A task that is gone before its client has looked twice is of no use. */
const minTtlMs = 60_000;

export type TaskStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/** A batch as a task of the protocol. It is there for as long as its batch is, and for `ttlMs` at most. */
export interface BatchTask {
  taskId: string;
  batchId: string;
  createdMs: number;
  createdSince1970Ms: number;
  updatedMs: number;
  ttlMs: number;
  /** By its client; it stays so, whatever its calls still come to. */
  isCancelled: boolean;
  questions: TaskQuestions;
}

/** What is to be known of a task, to be told in the form of whichever era. */
export interface TaskState {
  taskId: string;
  status: TaskStatus;
  message: string;
  createdSince1970Ms: number;
  updatedSince1970Ms: number;
  ttlMs: number;
  /** When its client should look again. */
  pollMs: number;
}

export interface FoundTask {
  task: BatchTask;
  batch: OpenBatch;
}

/** One task per batch: whoever sends a batch again under its idempotency key gets the one that there is. */
const tasks = new WeakMap<OpenBatch, BatchTask>();

/** Makes a task of a batch, or gives back the one that it is. */
export function createBatchTask(
  { clock }: Engine,
  batch: OpenBatch,
  { ttlMs, questions }: { ttlMs: number; questions: TaskQuestions },
): BatchTask {
  const known = tasks.get(batch);
  if (known !== undefined && !hasExpired(known, clock.now())) return known;
  const createdMs = clock.now();
  const task: BatchTask = {
    taskId: `${batch.batchId}-${randomBytes(secretBytes).toString('hex')}`,
    batchId: batch.batchId,
    createdMs,
    createdSince1970Ms: Date.now(),
    updatedMs: createdMs,
    ttlMs,
    isCancelled: false,
    questions: known?.questions ?? questions,
  };
  const touch = (): void => {
    task.updatedMs = clock.now();
  };
  task.questions.onChange(touch);
  const stopListening = batch.onChange(touch);
  void batch.ended.then(stopListening);
  tasks.set(batch, task);
  return task;
}

/** The task of this principal; another one's is as one that never was. */
export function findBatchTask(
  { batches, clock }: Engine,
  { principal, taskId }: { principal: string; taskId: string },
): FoundTask | undefined {
  const batch = batches.find(principal, taskId.slice(0, taskId.indexOf('-')));
  const task = batch && tasks.get(batch);
  if (batch === undefined || task?.taskId !== taskId || hasExpired(task, clock.now())) return undefined;
  return { task, batch };
}

/** What a task has come to. */
export function stateOf({ task, batch }: FoundTask, nowMs: number): TaskState {
  const { taskId, batchId, createdMs, createdSince1970Ms, updatedMs, ttlMs } = task;
  const { done, total } = batch.progress();
  return {
    taskId,
    status: statusOf({ task, batch }),
    message: `batch ${batchId}: ${done} of ${total} calls have ended${task.isCancelled ? '; batch_await shows how' : ''}`,
    createdSince1970Ms,
    updatedSince1970Ms: createdSince1970Ms + updatedMs - createdMs,
    ttlMs,
    pollMs: Math.min(Math.max(Math.round((nowMs - createdMs) / 4), minPollMs), maxPollMs),
  };
}

/** As a client knows it: what its calls met does not make a batch fail. */
export function statusOf({ task, batch }: FoundTask): TaskStatus {
  if (task.isCancelled) return 'cancelled';
  if (batch.isOver()) return 'completed';
  return task.questions.isOpen() ? 'input_required' : 'working';
}

/** How long a task is there: as long as was asked for, and no longer than its batch may run and its results are kept. */
export function boundTtlMs(asked: number | undefined, { runMs }: { runMs: number }): number {
  const maxMs = Math.round(runMs) + keptMinutes * 60_000;
  return asked === undefined ? maxMs : Math.max(Math.min(Math.round(asked), maxMs), minTtlMs);
}

export function hasExpired({ createdMs, ttlMs }: { createdMs: number; ttlMs: number }, nowMs: number): boolean {
  return nowMs - createdMs > ttlMs;
}
