import { findToolName } from '../../../batch/own-tools.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Tool } from '../../../core/tool.ts';
import type { TaskWish } from '../../batch/batch-input.ts';
import type { ClientRequest } from '../../client-request.ts';
import type { Engine } from '../../engine.ts';
import { beginTask } from './begin-task.ts';
import { offerTask } from './offer-task.ts';
import { understandsTasks } from './understands-tasks.ts';

/** Runs a batch for a client, with the request that it is to hear and to be asked through. */
export type RunBatch = (request: ClientRequest, task?: TaskWish) => Promise<JsonObject>;

/**
 * Runs a batch for a client that may want to follow it as a task. A legacy client gets one where it asks for it (`params.task`), at once.
 * A modern one never asks: where it understands tasks it gets one in the place of a partial reply, since a reply that is whole costs it
 * one request, and a task three.
 */
export function runAsTask(engine: Engine, request: ClientRequest, run: RunBatch): Promise<JsonObject> {
  if (request.era === 'legacy') {
    return request.params['task'] === undefined ? run(request) : beginTask(engine, request, run);
  }
  return understandsTasks(request.capabilities) ? offerTask(engine, request, run) : run(request);
}

/** Our tools that run no batch. */
export function isTaskless(name: string): boolean {
  return name === 'batch_await' || name === 'batch_cancel' || name === findToolName;
}

/** A tool of ours as legacy clients list it: they may ask for a task only where a tool says so (MCP 2025-11-25, `execution`). */
export function withTaskSupport(tool: Tool): Tool {
  return isTaskless(tool.name) ? tool : { ...tool, execution: { taskSupport: 'optional' } };
}
