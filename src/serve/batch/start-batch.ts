import type { ParallelCaps } from '../../batch/compute-timing.ts';
import { formatMs } from '../../batch/reply/format-amount.ts';
import type { BatchRequest } from '../../batch/request/batch-request.ts';
import { Aborter } from '../../core/abort.ts';
import type { BatchHead } from '../../core/journal.ts';
import type { Plan, PlannedCall, Prepare } from '../../core/plan.ts';
import type { RunOptions } from '../../schedule/batch/run-options.ts';
import { createApprovals } from '../approvals/create-approvals.ts';
import { refuseChanged } from '../approvals/refuse-changed.ts';
import type { Engine } from '../engine.ts';
import { isCached, recordUnsent } from '../flow/record-unsent.ts';
import type { Setup } from '../setup.ts';
import { localPrincipal, type BatchInput } from './batch-input.ts';
import { createAudience } from './book/audience.ts';
import type { EnteredBatch } from './book/batch-book.ts';
import { createOpenBatch, type OpenBatch } from './book/open-batch.ts';
import { createUnsentFinder } from './book/unsent-finder.ts';
import { createClientVoice, type ClientVoice } from './client-voice.ts';
import { recordCalls } from './record-calls.ts';
import { recordEnd } from './record-end.ts';
import { sendCalls } from './send-calls.ts';
import { describeSending, tellEnd } from '../telemetry/tell-end.ts';
import { tracedApprover } from '../telemetry/traced-approver.ts';

/** A batch that stands in the journal and is about to run. */
export interface AcceptedBatch {
  head: BatchHead;
  plan: Plan;
  prepare: Prepare;
  request: BatchRequest;
  setup: Setup;
  acceptedMs: number;
  /** Of its key, whose that is, and all that was asked for; absent where it has no key. */
  keyDigest?: string;
  /** What its client should know of how it came about. */
  notes: readonly string[];
}

/** Sets a batch going, and sees to what comes of it: its place among its client's batches, and its end in the journal. */
export function startBatch(engine: Engine, accepted: AcceptedBatch, input: BatchInput): OpenBatch {
  const { plan, prepare, request, setup, acceptedMs, head, keyDigest } = accepted;
  const { principal, signal } = input;
  const notes = [...accepted.notes];
  const isKeyed = keyDigest !== undefined;
  const voice = createClientVoice(input);
  const { recorder, warnings } = recordCalls(engine, {
    batchId: head.batchId,
    principal: principal ?? localPrincipal,
    isKeyed,
  });
  const approvals = createApprovals(engine, {
    owner: { principal: principal ?? localPrincipal, keyScope: input.keyScope ?? localPrincipal },
    capabilities: input.capabilities ?? {},
    ask: input.ask,
    outlivesReply: input.era === 'modern',
    batchId: head.batchId,
    isKeyed,
  });
  const cancellation = new Aborter();
  const audience = createAudience(() => cancellation.abort());
  const leave = audience.join(signal);
  let leavePlace: (() => void) | undefined;
  let entered: EnteredBatch | undefined;

  /** Asked at the deadline. Without somebody who can come back to it, a batch ends there. */
  const backgroundMs = (): number => {
    if (principal === undefined || setup.settings.backgroundMs === 0 || (entered ?? engine.batches).hasLeft()) return 0;
    const place = engine.batches.takePlace(principal);
    if (place.ok) leavePlace = place.giveBack;
    else notes.push(place.reason);
    return place.ok ? setup.settings.backgroundMs : 0;
  };
  /** Why what the client was told last may not hold after a crash. */
  let unrecorded: string | undefined;
  const tellProgress = reportProgress(plan, voice);
  const { telemetry, clock } = engine;
  const { meta } = input;
  const { batchId } = head;
  telemetry?.batchBegun({ meta, batchId, calls: plan.entries.length });
  const describe =
    telemetry &&
    ((call: PlannedCall) =>
      describeSending(call, { entries: plan.entries, batchId, queuedMs: clock.now() - acceptedMs }));
  const handle = engine.scheduler.startBatch(plan, {
    // The wait for the upstreams' lists and the planning included.
    acceptedMs,
    signal: cancellation,
    send: sendCalls(engine, { ...input, voice, describe }),
    prepare,
    recorder: refuseChanged(recorder, approvals.findChange),
    approver: tracedApprover(approvals.approver, { telemetry, meta }),
    backgroundMs,
    onSettled(index, outcome) {
      if (isCached(outcome)) recordUnsent(engine, { principal, plan, index });
      tellEnd(telemetry, { entry: plan.entries[index], outcome, meta, batchId });
      tellProgress(index, outcome);
    },
  });
  const batch = createOpenBatch({
    handle,
    plan,
    request,
    acceptedMs,
    caps: capsOf(setup),
    clock: engine.clock,
    audience,
    keyDigest,
    secure: () => secure(),
    allowedBy: approvals.allowedBy,
    notes: () => [...notes, ...warnings(), ...(unrecorded === undefined ? [] : [describeUnrecorded(unrecorded)])],
  });
  entered = engine.batches.add(batch, principal);
  /** Nobody listens any more at the other end of the request that it came with. */
  const hush = (): void => {
    approvals.moveToQueue();
    voice.hush();
  };
  signal?.addEventListener('abort', hush, { once: true });
  void batch.replyDue.then(leave);
  void (input.task === undefined ? batch.replyDue : batch.ended).then(() => {
    signal?.removeEventListener('abort', hush);
    hush();
  });
  const { hasLeft } = entered;
  const end = once(() => {
    leavePlace?.();
    unrecorded = recordEnd(engine, { batch, settings: setup.settings, isKeyed, hasLeft, meta });
  });
  const unsent = createUnsentFinder(plan);
  const secure = (): void => {
    if (!isKeyed) return;
    if (batch.isOver()) end();
    else unrecorded = engine.journal.keep(head.batchId, unsent(handle.outcomes()));
  };
  void batch.ended.then(end);
  return batch;
}

function capsOf({ maxParallel, servers }: Setup): ParallelCaps {
  const ratesOf = [...servers].flatMap(([name, { policy }]) =>
    policy.limits.rate === undefined ? [] : [[name, policy.limits.rate] as const],
  );
  return { maxParallel, servers, rates: new Map(ratesOf) };
}

/** One rising counter over the batch, with the call that ended last. */
function reportProgress(plan: Plan, voice: ClientVoice): NonNullable<RunOptions['onSettled']> {
  const total = plan.entries.length;
  let done = 0;
  return (index, { status, runMs }) => {
    done++;
    const entry = plan.entries[index]!;
    const { id, name } =
      entry.kind === 'run' ? { id: entry.call.id, name: entry.call.exposedName } : { id: entry.id, name: entry.tool };
    const words = `${done}/${total} ${name} ${status === 'ok' ? '' : `${status} `}${formatMs(runMs)}`;
    voice.onProgress({ done, total, message: words, id });
  };
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}

function describeUnrecorded(reason: string): string {
  return `this cannot be recorded, so that after a crash it could be run again under its idempotencyKey: ${reason}`;
}
