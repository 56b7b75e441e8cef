import { randomBytes } from 'node:crypto';
import { computeTiming, type ParallelCaps } from '../batch/compute-timing.ts';
import { createPrepare } from '../batch/plan/create-prepare.ts';
import { planBatch } from '../batch/plan/plan-batch.ts';
import { formatMs } from '../batch/reply/format-amount.ts';
import { renderPlan } from '../batch/reply/render-plan.ts';
import { renderRefusal } from '../batch/reply/render-refusal.ts';
import { renderReply } from '../batch/reply/render-reply.ts';
import type { Refusal } from '../batch/request/batch-request.ts';
import { parseBatch } from '../batch/request/parse-batch.ts';
import type { AbortLike } from '../core/abort.ts';
import { isTooDeep, maxDepth, type JsonObject } from '../core/json.ts';
import type { CallError, SendResult } from '../core/outcome.ts';
import type { Plan, Prepare } from '../core/plan.ts';
import type { Ask, Era, Notice } from '../core/protocol/client.ts';
import { refusal, rpcCode } from '../core/protocol/rpc.ts';
import type { Send } from '../schedule/start-call.ts';
import type { Engine } from './engine.ts';
import { createBatchQuestions } from './questions/batch-questions.ts';
import type { PassedOn } from './questions/sending/satisfy-server.ts';
import { sendCall } from './questions/sending/send-call.ts';
import type { Setup } from './setup.ts';

/** Short, since models repeat it. */
const idBytes = 3;
/** Who can guess it can read the results, where clients cannot be told apart. */
const secretIdBytes = 12;

/** A batch as it comes from a client or a shell. */
export interface BatchInput {
  /** The arguments of `batch_call` or `batch_read`; anything, until parsed. */
  input: unknown;
  /** `batch_read`: refuse the whole batch if a call is more than a read. */
  readOnly?: boolean;
  /** Who may read the results again with `batch_await`. Absent: nobody. */
  principal?: string;
  signal?: AbortLike;
  /** Sent with each call: trace context, which is continued towards upstreams. */
  meta?: JsonObject;
  /** How the client is asked: as requests in their own right, or with the batch's answer (`ClientRequest.ask`). Absent: legacy. */
  era?: Era;
  /** Puts a question of a call's server to the client. Absent: there is nobody to ask, and servers are told so. */
  ask?: Ask;
  /** Gets what servers tell in the middle of a call, log messages first of all. */
  onNotice?: (notice: Notice) => void;
  /** The lowest level of log messages that the client wants of these calls. */
  logLevel?: string;
  /** Called as each call ends, with how many have. */
  onProgress?: (progress: { done: number; total: number; message: string }) => void;
}

/** Runs a batch from what a client sent to what it gets back, a `CallToolResult`. Never rejects for anything that a client can send. */
export async function runBatch(engine: Engine, batch: BatchInput): Promise<JsonObject> {
  const { clock } = engine;
  const setup = engine.setup();
  const { settings } = setup;
  const acceptedMs = clock.now();
  const batchId = randomBytes(engine.isShared ? secretIdBytes : idBytes).toString('hex');
  const parsed = refuseOnBug({ engine, batchId }, () => parseBatch(batch.input, settings));
  if (!parsed.ok) return renderRefusal(parsed, batchId);
  const { request } = parsed;
  await untilListable(engine, request.deadlineMs);
  // One snapshot for the whole batch: what references fill while it runs is judged by the catalogue that it was planned with.
  const surroundings = {
    request,
    catalog: engine.catalog(),
    servers: setup.servers,
    disabled: setup.disabled,
    validate: engine.validate,
    readOnly: batch.readOnly === true,
  };
  const planned = refuseOnBug({ engine, batchId }, () =>
    planBatch({ ...surroundings, batchId, unavailable: engine.unavailable }),
  );
  if (!planned.ok) return renderRefusal(planned, batchId);
  const { plan } = planned;
  if (request.mode === 'plan') return renderPlan({ plan, request, batchId, settings });
  const outcomes = await engine.scheduler.runBatch(plan, {
    // The wait for the upstreams' lists and the planning included.
    acceptedMs,
    ...(batch.signal !== undefined && { signal: batch.signal }),
    send: senderOf(engine, batch),
    prepare: logBugs(createPrepare(surroundings), { engine, batchId }),
    onSettled: reportProgress(plan, batch.onProgress),
  });
  const timing = computeTiming({ plan, outcomes, caps: capsOf(setup) });
  const wallMs = clock.now() - acceptedMs;
  engine.logger.info({ batchId, calls: outcomes.length, wallMs: Math.round(wallMs) }, 'batch done');
  const finished = { plan, outcomes, request, wallMs, timing };
  const isKept = batch.principal !== undefined && engine.recentResults.keep(batch.principal, finished);
  return renderReply({ ...finished, settings, isKept });
}

/** Sends the calls of one batch, which share its client's attention. */
function senderOf(engine: Engine, { era = 'legacy', ask = askNobody, meta, onNotice, logLevel }: BatchInput): Send {
  const questions = createBatchQuestions({ ask, era, clock: engine.clock });
  return ({ server, tool, arguments: args }, signal, { setWaiting, setAsking }) => {
    const asking = questions.join({ server, setAsking });
    const params: JsonObject = { arguments: args, ...(meta !== undefined && { _meta: meta }) };
    const request = { tool, params, signal, logLevel, ask: asking.ask, onNotice, setWaiting };
    return sendCall(engine, { server, request, client: era, passesOn }).then(refuseTooDeep).finally(asking.leave);
  };
}

/** The client has asked for a batch: what is one call's alone has no place in the reply. */
const passesOn: PassedOn = { inputRequired: false, urlRequired: false };

const askNobody: Ask = () => Promise.resolve(refusal(rpcCode.methodNotFound, 'there is nobody to ask'));

function capsOf({ maxParallel, servers }: Setup): ParallelCaps {
  const ratesOf = [...servers].flatMap(([name, { policy }]) =>
    policy.limits.rate === undefined ? [] : [[name, policy.limits.rate] as const],
  );
  return { maxParallel, servers, rates: new Map(ratesOf) };
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

/** A result that cannot be written would take the results of all its neighbours with it. */
function refuseTooDeep(answer: SendResult): SendResult {
  if (!answer.ok || !isTooDeep(answer.result)) return answer;
  const message = `the result is nested deeper than ${maxDepth} levels and cannot be passed on`;
  return { ok: false, sent: true, error: { code: 'upstream_error', message, retryable: false } };
}
