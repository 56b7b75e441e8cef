import { randomBytes } from 'node:crypto';
import { computeTiming } from '../batch/compute-timing.ts';
import { planBatch } from '../batch/plan/plan-batch.ts';
import { formatMs } from '../batch/reply/format-amount.ts';
import { renderRefusal } from '../batch/reply/render-refusal.ts';
import { renderReply } from '../batch/reply/render-reply.ts';
import { parseBatch } from '../batch/request/parse-batch.ts';
import type { AbortLike } from '../core/abort.ts';
import type { JsonObject } from '../core/json.ts';
import type { Plan } from '../core/plan.ts';
import type { Engine } from './engine.ts';

/** A batch as it comes from a client or a shell. */
export interface BatchInput {
  /** The arguments of `batch_call` or `batch_read`; anything, until parsed. */
  input: unknown;
  /** `batch_read`: refuse the whole batch if a call is more than a read. */
  readOnly?: boolean;
  signal?: AbortLike;
  /** Sent with each call: trace context, which is continued towards upstreams. */
  meta?: JsonObject;
  /** Called as each call ends, with how many have. */
  onProgress?: (progress: { done: number; total: number; message: string }) => void;
}

/** Runs a batch from what a client sent to what it gets back, a `CallToolResult`. Never rejects for anything that a client can send. */
export async function runBatch(engine: Engine, batch: BatchInput): Promise<JsonObject> {
  const { settings, clock } = engine;
  const acceptedMs = clock.now();
  const batchId = randomBytes(3).toString('hex');
  const parsed = parseBatch(batch.input, settings);
  if (!parsed.ok) return renderRefusal(parsed, batchId);
  const { request } = parsed;
  await engine.listable();
  const planned = planBatch({
    request,
    batchId,
    catalog: engine.catalog(),
    servers: engine.servers,
    validate: engine.validate,
    unavailable: engine.unavailable,
    readOnly: batch.readOnly === true,
  });
  if (!planned.ok) return renderRefusal(planned, batchId);
  const { plan } = planned;
  const outcomes = await engine.scheduler.runBatch(plan, {
    ...(batch.signal !== undefined && { signal: batch.signal }),
    send: (call, signal) => {
      const params: JsonObject = { arguments: call.arguments, ...(batch.meta !== undefined && { _meta: batch.meta }) };
      return engine.callUpstream(call.server, { tool: call.tool, params, signal });
    },
    onSettled: reportProgress(plan, batch.onProgress),
  });
  const timing = computeTiming({ plan, outcomes, caps: { maxParallel: engine.maxParallel, servers: engine.servers } });
  const wallMs = clock.now() - acceptedMs;
  engine.logger.info({ batchId, calls: outcomes.length, wallMs: Math.round(wallMs) }, 'batch done');
  return renderReply({ plan, outcomes, request, settings, wallMs, timing });
}

/** One rising counter over the batch, with the call that ended last. */
function reportProgress(
  plan: Plan,
  onProgress: BatchInput['onProgress'],
): NonNullable<Parameters<Engine['scheduler']['runBatch']>[1]['onSettled']> {
  const total = plan.entries.length;
  let done = 0;
  return (index, { status, runMs }) => {
    done++;
    const entry = plan.entries[index]!;
    const name = entry.kind === 'run' ? entry.call.exposedName : entry.tool;
    onProgress?.({
      done,
      total,
      message: `${done}/${total} ${name} ${status === 'ok' ? '' : `${status} `}${formatMs(runMs)}`,
    });
  };
}
