import type { ParallelCaps } from '../../batch/compute-timing.ts';
import { formatMs } from '../../batch/reply/format-amount.ts';
import type { BatchRequest } from '../../batch/request/batch-request.ts';
import { Aborter } from '../../core/abort.ts';
import type { BatchHead } from '../../core/journal.ts';
import type { Plan, Prepare } from '../../core/plan.ts';
import type { RunOptions } from '../../schedule/batch/run-options.ts';
import type { Engine } from '../engine.ts';
import type { Setup } from '../setup.ts';
import { localPrincipal, type BatchInput } from './batch-input.ts';
import { createAudience } from './book/audience.ts';
import { createOpenBatch, type OpenBatch } from './book/open-batch.ts';
import { createClientVoice, type ClientVoice } from './client-voice.ts';
import { recordCalls } from './record-calls.ts';
import { recordEnd } from './record-end.ts';
import { sendCalls } from './send-calls.ts';

/** A batch that stands in the journal and is about to run. */
export interface AcceptedBatch {
  head: BatchHead;
  plan: Plan;
  prepare: Prepare;
  request: BatchRequest;
  setup: Setup;
  acceptedMs: number;
  /** What its client should know of how it came about. */
  notes: readonly string[];
}

/** Sets a batch going, and sees to what comes of it: its place among its client's batches, and its end in the journal. */
export function startBatch(engine: Engine, accepted: AcceptedBatch, input: BatchInput): OpenBatch {
  const { plan, prepare, request, setup, acceptedMs, head } = accepted;
  const { principal, signal } = input;
  const notes = [...accepted.notes];
  const voice = createClientVoice(input);
  const { recorder, warnings } = recordCalls(engine.journal, {
    batchId: head.batchId,
    principal: principal ?? localPrincipal,
    isKeyed: request.idempotencyKey !== undefined,
  });
  const cancellation = new Aborter();
  const audience = createAudience(() => cancellation.abort());
  const leave = audience.join(signal);
  let leavePlace: (() => void) | undefined;

  /** Asked at the deadline. Without somebody who can come back to it, a batch ends there. */
  const backgroundMs = (): number => {
    if (principal === undefined || setup.settings.backgroundMs === 0 || engine.batches.hasLeft()) return 0;
    const place = engine.batches.takePlace(principal);
    if (place.ok) leavePlace = place.giveBack;
    else notes.push(place.reason);
    return place.ok ? setup.settings.backgroundMs : 0;
  };
  const handle = engine.scheduler.startBatch(plan, {
    // The wait for the upstreams' lists and the planning included.
    acceptedMs,
    signal: cancellation,
    send: sendCalls(engine, { ...input, voice }),
    prepare,
    recorder,
    backgroundMs,
    onSettled: reportProgress(plan, voice),
  });
  const batch = createOpenBatch({
    handle,
    plan,
    request,
    acceptedMs,
    caps: capsOf(setup),
    clock: engine.clock,
    audience,
    notes: () => [...notes, ...warnings()],
  });
  engine.batches.add(batch, principal);
  void batch.replyDue.then(leave);
  void (input.task === undefined ? batch.replyDue : batch.ended).then(() => voice.hush());
  void batch.ended.then(() => {
    leavePlace?.();
    recordEnd(engine, { batch, settings: setup.settings, isKeyed: request.idempotencyKey !== undefined });
  });
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
    const name = entry.kind === 'run' ? entry.call.exposedName : entry.tool;
    const words = `${done}/${total} ${name} ${status === 'ok' ? '' : `${status} `}${formatMs(runMs)}`;
    voice.onProgress({ done, total, message: words });
  };
}
