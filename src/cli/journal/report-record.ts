import type { RepliedCall } from '../reply/replied-call.ts';
import type { BatchReport } from './batch-report.ts';

/** A report as programs get it: moments as ISO 8601, lengths in milliseconds, calls in the words of a structured reply. */
export function toReportRecord({
  batch,
  calls,
  counts,
  timing,
  unknown,
  late,
  slowest,
  unrecorded,
  warnings,
}: BatchReport): object {
  const { batchId, tool, principal, status, acceptedAt, endedAt } = batch;
  const { isOpen: _forPeople, ...times } = timing;
  return {
    batchId,
    tool,
    principal,
    status,
    acceptedAt: new Date(acceptedAt).toISOString(),
    ...(endedAt !== undefined && { endedAt: new Date(endedAt).toISOString() }),
    calls: batch.calls,
    counts: Object.fromEntries(counts),
    unknown: unknown.map(nameCall),
    late,
    results: calls,
    ...(unrecorded !== undefined && { unrecorded }),
    timing: times,
    slowest: slowest.map(nameCall),
    warnings,
  };
}

function nameCall({ id, tool, status, runMs, error }: RepliedCall): object {
  return { id, tool, status, runMs, ...(error !== undefined && { error }) };
}
