import { createPrepare } from '../../batch/plan/create-prepare.ts';
import { planBatch } from '../../batch/plan/plan-batch.ts';
import { recoverPlan, recoverPrepare } from '../../batch/plan/recovery/recover-plan.ts';
import { renderPlan } from '../../batch/reply/render-plan.ts';
import { renderRefusal } from '../../batch/reply/render-refusal.ts';
import type { BatchRequest, Refusal } from '../../batch/request/batch-request.ts';
import { parseBatch } from '../../batch/request/parse-batch.ts';
import type { BatchConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import type { BatchHead } from '../../core/journal.ts';
import type { CallError } from '../../core/outcome.ts';
import type { Plan, Prepare } from '../../core/plan.ts';
import type { Engine } from '../engine.ts';
import { callerOf } from '../flow/caller-of.ts';
import { recordUnsent } from '../flow/record-unsent.ts';
import { localPrincipal, type BatchInput } from './batch-input.ts';
import type { OpenBatch } from './book/open-batch.ts';
import { claimBatch, type Claimed } from './claim-batch.ts';
import { startBatch, type AcceptedBatch } from './start-batch.ts';

/** What became of a batch at its arrival. */
type Accepted =
  /** Nothing runs: it was refused, planned only, or has run before. */
  | { kind: 'answered'; reply: JsonObject }
  /** It has begun. */
  | { kind: 'started'; batch: OpenBatch; settings: BatchConfig }
  /** It is this one, sent again under its idempotency key. */
  | { kind: 'joined'; batch: OpenBatch; request: BatchRequest; notes: readonly string[] };

/**
 * Reads and plans a batch, and sets it going where nothing speaks against it. Never rejects for anything that a client can send.
 */
export async function acceptBatch(engine: Engine, batch: BatchInput): Promise<Accepted> {
  const setup = engine.setup();
  const { settings } = setup;
  const acceptedMs = engine.clock.now();
  const batchId = engine.batches.newId();
  const parsed = refuseOnBug({ engine, batchId }, () => parseBatch(batch.input, settings));
  if (!parsed.ok) return refuse(parsed, batchId);
  const { request } = parsed;
  await untilListable(engine, request.deadlineMs);
  // One snapshot for the whole batch: what references fill while it runs is judged by the catalogue that it was planned with.
  const surroundings = {
    request,
    catalog: engine.catalog(),
    servers: setup.servers,
    disabled: setup.disabled,
    surface: setup.surface,
    validate: engine.validate,
    readOnly: batch.readOnly === true,
    caller: callerOf(engine, batch),
  };
  const planned = refuseOnBug({ engine, batchId }, () =>
    planBatch({ ...surroundings, batchId, unavailable: engine.unavailable, wantsLogin: engine.wantsLogin }),
  );
  if (!planned.ok) return refuse(planned, batchId);
  const plan: Plan = { ...planned.plan, owner: batch.principal ?? localPrincipal };
  if (request.mode === 'plan') return { kind: 'answered', reply: renderPlan({ plan, request, batchId, settings }) };
  const overload = engine.scheduler.refusal(plan);
  if (overload !== undefined)
    return refuse({ ok: false, error: overload, problems: [], format: request.format }, batchId);
  const prepare = logBugs(createPrepare({ ...surroundings, entries: plan.entries }), { engine, batchId });
  const head = headOf(batch, plan);
  const accepted: AcceptedBatch = { head, plan, prepare, request, setup, acceptedMs, notes: [] };
  // From the claim to the start without a break: whoever comes next under the same key finds a batch that runs.
  const { idempotencyKey: key } = request;
  const claimed: Claimed = key === undefined ? { kind: 'run', notes: [] } : claimBatch(engine, { head, key, batch });
  if (claimed.kind === 'refused') {
    return refuse({ ok: false, error: claimed.error, problems: [], format: request.format }, batchId);
  }
  // Its results were another session's until now.
  if (claimed.kind !== 'run' || claimed.calls !== undefined) recordUnsent(engine, { principal: batch.principal, plan });
  if (claimed.kind === 'replayed') return { kind: 'answered', reply: claimed.reply };
  if (claimed.kind === 'joined') return { kind: 'joined', batch: claimed.batch, request, notes: claimed.notes };
  if (key === undefined) engine.journal.accept(head);
  return { kind: 'started', batch: startBatch(engine, recover(accepted, claimed), batch), settings };
}

function recover(
  planned: AcceptedBatch,
  { keyDigest, calls, notes }: Extract<Claimed, { kind: 'run' }>,
): AcceptedBatch {
  const accepted = { ...planned, ...(keyDigest !== undefined && { keyDigest }) };
  if (calls === undefined) return accepted;
  const { plan, prepare } = accepted;
  const { onError } = plan;
  return {
    ...accepted,
    plan: recoverPlan(plan, calls),
    prepare: recoverPrepare(prepare, { calls, onError }),
    notes,
  };
}

function headOf({ tool, readOnly, principal }: BatchInput, { batchId, entries }: Plan): BatchHead {
  const byTool = readOnly === true ? 'batch_read' : 'batch_call';
  return {
    batchId,
    principal: principal ?? localPrincipal,
    tool: tool ?? (principal === undefined ? 'batch' : byTool),
    calls: entries.length,
  };
}

function refuse(refusal: Refusal, batchId: string): Accepted {
  return { kind: 'answered', reply: renderRefusal(refusal, batchId) };
}

/** Whatever reading or planning a batch trips over is a mistake of ours: the client gets an answer, and the log the reason. */
function refuseOnBug<T>({ engine, batchId }: { engine: Engine; batchId: string }, decide: () => T): T | Refusal {
  try {
    return decide();
  } catch (error) {
    engine.logger.error({ batchId, reason: String(error) }, 'a batch failed inside mcp-marshal before it ran');
    const message = `it failed inside mcp-marshal; its log says why, under batch ${batchId}`;
    const problem: CallError = { code: 'internal', message, retryable: false };
    return { ok: false, error: problem, problems: [], format: engine.setup().settings.format };
  }
}

/** The scheduler makes of what is thrown an end of that call, and can tell nobody what it was. */
function logBugs(prepare: Prepare, { engine, batchId }: { engine: Engine; batchId: string }): Prepare {
  return (call, outcomes) => {
    try {
      return prepare(call, outcomes);
    } catch (error) {
      const fields = { batchId, callId: call.id, reason: String(error) };
      engine.logger.error(fields, 'a call failed inside mcp-marshal while its references were filled');
      throw error;
    }
  };
}

function untilListable(engine: Engine, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cancelTimer = engine.clock.after(limitMs, resolve);
    void engine.listable().then(() => {
      cancelTimer();
      resolve();
    });
  });
}
