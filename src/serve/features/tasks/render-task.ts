import type { JsonObject } from '../../../core/json.ts';
import type { TaskState } from './batch-task.ts';

/** By which messages of the legacy era say which task they belong to (MCP 2025-11-25, tasks). */
const relatedTaskKey = 'io.modelcontextprotocol/related-task';

/** A task as MCP 2025-11-25 has it. */
export function toLegacyTask({ taskId, status, message, ttlMs, pollMs, ...times }: TaskState): JsonObject {
  return { taskId, status, statusMessage: message, ...toTimes(times), ttl: ttlMs, pollInterval: pollMs };
}

/** A task as the extension of MCP 2026-07-28 has it, without what its status brings along. */
export function toModernTask({ taskId, status, message, ttlMs, pollMs, ...times }: TaskState): JsonObject {
  return { taskId, status, statusMessage: message, ...toTimes(times), ttlMs, pollIntervalMs: pollMs };
}

/** Params, or a result, of a message that belongs to a task. */
export function withRelatedTask(fields: JsonObject, taskId: string): JsonObject {
  const meta = fields['_meta'];
  const own = typeof meta === 'object' && meta !== null && !Array.isArray(meta) ? meta : {};
  return { ...fields, _meta: { ...own, [relatedTaskKey]: { taskId } } };
}

function toTimes(times: Pick<TaskState, 'createdSince1970Ms' | 'updatedSince1970Ms'>): JsonObject {
  return {
    createdAt: new Date(times.createdSince1970Ms).toISOString(),
    lastUpdatedAt: new Date(times.updatedSince1970Ms).toISOString(),
  };
}
