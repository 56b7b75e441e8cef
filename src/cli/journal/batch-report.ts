import type { LoggedBatch, LoggedCall } from '../../core/journal.ts';
import type { Applied } from '../../core/outcome.ts';
import type { JsonObject } from '../../core/json.ts';
import { readReply } from '../batch-reply.ts';
import { hasRun } from '../reply/replied-call.ts';
import type { RepliedCall, ShownStatus } from '../reply/replied-call.ts';
import type { GanttReport } from '../render/gantt.ts';
import { peakOf } from './peak-of.ts';
import { toRepliedCalls } from './recorded-calls.ts';

/** A batch after the fact. Times of calls are milliseconds from its start. */
export interface BatchReport {
  batch: LoggedBatch;
  calls: readonly RepliedCall[];
  /** How many calls ended how; only what there is. */
  counts: readonly (readonly [ShownStatus, number])[];
  timing: GanttReport['timing'];
  /** Calls and elements that were sent, may have changed something, and whose end nobody has learnt. */
  unknown: readonly RepliedCall[];
  /** What was learnt of such calls since. */
  late: readonly LearntEnd[];
  /** The calls and elements that ran longest, the longest first. */
  slowest: readonly RepliedCall[];
  /** Calls that left no trace; undefined where a report names every call. */
  unrecorded?: number;
  warnings: readonly string[];
}

export interface LearntEnd {
  id: string;
  status: ShownStatus;
  applied: Applied;
}

const maxSlowest = 3;

/**
 * What the journal knows of a batch: its own report where it ended in its own process, else what its calls tell; and in both cases what
 * was learnt later. `now` is milliseconds since the epoch.
 */
export function reportBatch(
  batch: LoggedBatch,
  { calls, now }: { calls: readonly LoggedCall[]; now: number },
): BatchReport {
  const told = batch.report === undefined ? readCalls(batch, { calls, now }) : readReport(batch.report);
  const late = calls.flatMap(({ callId, status, applied, isLate }) =>
    isLate === true ? [{ id: callId, status, applied }] : [],
  );
  const isLearnt = new Set(late.filter(({ applied }) => applied !== 'unknown').map(({ id }) => id));
  const leaves = told.calls.flatMap((call) =>
    call.items !== undefined && call.items.length > 0 ? call.items : [call],
  );
  return {
    batch,
    ...told,
    counts: countStatuses(told.calls),
    unknown: leaves.filter(
      ({ id, applied, status }) => applied === 'unknown' && status !== 'running' && !isLearnt.has(id),
    ),
    late,
    slowest: leaves
      .filter((call) => hasRun(call) && call.status !== 'interrupted')
      .sort((a, b) => b.runMs - a.runMs)
      .slice(0, maxSlowest),
  };
}

type Told = Pick<BatchReport, 'calls' | 'timing' | 'warnings' | 'unrecorded'>;

function readReport(report: JsonObject): Told {
  const { calls, timing, warnings } = readReply({ structuredContent: report });
  return { calls, timing, warnings };
}

function readCalls(batch: LoggedBatch, { calls, now }: { calls: readonly LoggedCall[]; now: number }): Told {
  const { acceptedAt, status, wallMs } = batch;
  // When a process was killed is not recorded; what it recorded last is.
  const lastMs = calls.reduce((last, call) => Math.max(last, lastSignOf(call)), acceptedAt);
  const untilMs = status === 'running' ? Math.max(now, lastMs) : lastMs;
  const shown = toRepliedCalls(calls, { acceptedAt, untilMs });
  const ran = shown.flatMap((call) => call.items ?? [call]);
  return {
    calls: shown,
    timing: {
      wallMs: wallMs ?? untilMs - acceptedAt,
      serialMs: ran.reduce((sum, { runMs }) => sum + runMs, 0),
      peakParallel: peakOf(ran),
      ...(wallMs === undefined && { isOpen: true as const }),
    },
    unrecorded: Math.max(0, batch.calls - shown.length),
    warnings: [],
  };
}

function lastSignOf({ status, startedAt, endedAt }: LoggedCall): number {
  return status === 'running' || status === 'interrupted' ? startedAt : Math.max(startedAt, endedAt ?? startedAt);
}

function countStatuses(calls: readonly RepliedCall[]): [ShownStatus, number][] {
  const counts = new Map<ShownStatus, number>();
  for (const { status } of calls) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].sort(([a, few], [b, many]) => Number(b === 'ok') - Number(a === 'ok') || many - few);
}
