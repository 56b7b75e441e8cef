import type { JsonObject } from '../../core/json.ts';
import type { Engine } from '../engine.ts';
import { acceptBatch } from './accept-batch.ts';
import type { BatchInput } from './batch-input.ts';
import { untilOver } from './later/until-over.ts';
import { replyAsItStands } from './reply-as-it-stands.ts';

/**
 * Runs a batch from what a client sent to what it gets back, a `CallToolResult`: when all its calls have ended, or at its deadline,
 * from which on it goes on in the background; or a task, where the client can follow one. Never rejects for anything that a client can
 * send.
 */
export async function runBatch(engine: Engine, input: BatchInput): Promise<JsonObject> {
  const { principal, signal, onProgress, task } = input;
  const accepted = await acceptBatch(engine, input);
  if (accepted.kind === 'answered') return accepted.reply;
  if (task?.isAtOnce === true) return task.take(accepted.batch);
  if (accepted.kind === 'started') {
    const { batch, settings } = accepted;
    await batch.replyDue;
    if (task !== undefined && !batch.isOver()) return task.take(batch);
    return replyAsItStands(engine, { batch, principal, settings, isFirst: true });
  }
  const { batch, request, notes } = accepted;
  const leave = batch.audience.join(signal);
  await untilOver(batch, { clock: engine.clock, timeoutMs: request.deadlineMs, signal, onProgress });
  leave();
  // Those who joined it are all answered with its end.
  await engine.batches.turn();
  if (task !== undefined && !batch.isOver()) return task.take(batch);
  return replyAsItStands(engine, { batch, principal, settings: engine.setup().settings, notes });
}
