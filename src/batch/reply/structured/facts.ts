import type { JsonObject } from '../../../core/json.ts';
import { countStatuses, listWarnings } from '../render-summary.ts';
import type { FinishedBatch, ReplyRow } from '../reply-row.ts';

/** The structured form of a batch around its `results`: how it stands as a whole. */
export function factsOfBatch(
  batch: FinishedBatch,
  { rows, results, keptAs }: { rows: readonly ReplyRow[]; results: JsonObject[]; keptAs: string | undefined },
): JsonObject {
  const { plan, timing, wallMs } = batch;
  const counts = countStatuses(rows);
  const isPartial = rows.some((row) => [row, ...(row.items ?? [])].some(({ outcome }) => outcome.status === 'pending'));
  return {
    batchId: plan.batchId,
    status: isPartial ? 'partial' : counts.cancelled > 0 ? 'cancelled' : 'completed',
    counts,
    results,
    timing: {
      wallMs: Math.round(wallMs),
      serialMs: Math.round(timing.serialMs),
      lowerBoundMs: Math.round(timing.lowerBoundMs),
      bound: timing.bound,
      criticalPath: timing.criticalPath,
      peakParallel: timing.peakParallel,
    },
    warnings: listWarnings(batch, { rows, keptAs }),
  };
}

/** The structured form of a call, or of an element: all but what it brought, which is `content`. `message` is that of its error. */
export function factsOfRow(row: ReplyRow, { message, content }: { message: string; content?: JsonObject }): JsonObject {
  const { id, index, server, tool, class: toolClass, reason, outcome, waitedFor } = row;
  const { status, applied, error, attempts, queuedMs, runMs, startedMs, deduplicatedOf, cached, waitsFor } = outcome;
  // Field by field: copying a part of an object for each field that may be absent takes as long as all the rest.
  const facts: JsonObject = { id, index };
  if (server !== undefined) facts['server'] = server;
  facts['tool'] = tool;
  if (toolClass !== undefined) facts['class'] = toolClass;
  if (reason !== undefined) facts['reason'] = reason;
  facts['status'] = status;
  facts['applied'] = applied;
  if (content !== undefined) Object.assign(facts, content);
  if (error !== undefined) {
    const { code, retryable, by } = error;
    facts['error'] = { code, message, retryable, ...(by !== undefined && { by }) };
  }
  facts['attempts'] = attempts;
  facts['queuedMs'] = Math.round(queuedMs);
  facts['runMs'] = Math.round(runMs);
  facts['startedMs'] = Math.round(startedMs);
  if (waitedFor.length > 0) facts['waitedFor'] = [...waitedFor];
  if (deduplicatedOf !== undefined) facts['deduplicatedOf'] = deduplicatedOf;
  if (waitsFor !== undefined) facts['waitsFor'] = waitsFor;
  if (cached === true) facts['cached'] = cached;
  return facts;
}
