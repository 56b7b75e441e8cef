import type { BatchConfig } from '../../config/config.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { contentBlocks, contentChars, cutContent, readContent, withoutDuplicates } from '../budget/call-content.ts';
import { cutText } from '../budget/cut-text.ts';
import { fairShares } from '../budget/fair-shares.ts';
import { describeLeftOut, leaveOutBinary } from '../budget/leave-out-binary.ts';
import { countStatuses, renderSummary } from './render-summary.ts';
import { toRows } from './reply-row.ts';
import type { FinishedBatch, ReplyRow } from './reply-row.ts';

/**
 * The structured form: the reply as data, and its summary as text. The budget is for what the calls brought (results and error
 * messages); the fields around them are short and always there.
 */
export function renderStructured(batch: FinishedBatch & { settings: BatchConfig }): JsonObject {
  const { plan, timing, wallMs, settings } = batch;
  const rows = toRows(batch);
  const leftOut = leaveOutBinary(
    rows.map(({ outcome: { result } }) => (result === undefined ? [] : contentBlocks(result).filter(isNoText))),
  );
  const results = rows.map(({ outcome: { result } }) => result && replaceBlocks(result, leftOut));
  const wants = rows.map(({ outcome, maxChars }, index) => {
    const result = results[index];
    return (outcome.error?.message.length ?? 0) + (result === undefined ? 0 : Math.min(resultChars(result), maxChars));
  });
  const shares = fairShares(wants, settings.maxReplyChars);
  const counts = countStatuses(rows);
  const structuredContent: JsonObject = {
    batchId: plan.batchId,
    status: counts.pending > 0 ? 'partial' : counts.cancelled > 0 ? 'cancelled' : 'completed',
    counts,
    results: rows.map((row, index) => renderRow(row, { result: results[index], share: shares[index] ?? 0 })),
    timing: {
      wallMs: Math.round(wallMs),
      serialMs: Math.round(timing.serialMs),
      lowerBoundMs: Math.round(timing.lowerBoundMs),
      criticalPath: timing.criticalPath,
      peakParallel: timing.peakParallel,
    },
    warnings: [...plan.warnings],
  };
  return { content: [{ type: 'text', text: renderSummary(batch, rows) }], structuredContent };
}

function renderRow(row: ReplyRow, { result, share }: { result: JsonObject | undefined; share: number }): JsonObject {
  const { id, index, server, tool, class: toolClass, reason, outcome, waitedFor, maxChars } = row;
  const { status, applied, error, attempts, queuedMs, runMs, startedMs } = outcome;
  const message = error && cutText(error.message, share);
  const fitted = result && fitResult(result, Math.min(share - (message?.length ?? 0), maxChars));
  return {
    id,
    index,
    ...(server !== undefined && { server }),
    tool,
    ...(toolClass !== undefined && { class: toolClass }),
    ...(reason !== undefined && { reason }),
    status,
    applied,
    ...fitted,
    ...(error !== undefined && {
      error: {
        code: error.code,
        message: message ?? '',
        retryable: error.retryable,
        ...(error.by !== undefined && { by: error.by }),
      },
    }),
    attempts,
    queuedMs: Math.round(queuedMs),
    runMs: Math.round(runMs),
    startedMs: Math.round(startedMs),
    ...(waitedFor.length > 0 && { waitedFor: [...waitedFor] }),
  };
}

/** The result untouched if it fits; else without what it says twice; else its text, cut. */
function fitResult(
  result: JsonObject,
  maxChars: number,
): { result: JsonObject; truncated?: { chars: number; of: number } } {
  if (resultChars(result) <= maxChars) return { result };
  const lean = { ...result, content: withoutDuplicates(result) };
  const of = resultChars(lean);
  if (of <= maxChars) return { result: lean };
  const shown = cutContent(readContent(result), maxChars);
  const text: JsonValue[] = shown.text === '' ? [] : [{ type: 'text', text: shown.text }];
  const isError = result['isError'];
  const cut: JsonObject = { content: [...text, ...shown.blocks], ...(isError !== undefined && { isError }) };
  return { result: cut, truncated: { chars: contentChars(shown), of } };
}

/** Characters of a result that count: its text, its structured content as JSON, and fields that we do not know. */
function resultChars(result: JsonObject): number {
  const blocks = contentBlocks(result);
  const texts = blocks.reduce((chars, { text }) => chars + (typeof text === 'string' ? text.length : 0), 0);
  const others = Object.entries(result).filter(([key]) => key !== 'content' && key !== 'isError');
  const otherChars = others.reduce((chars, [, value]) => chars + (JSON.stringify(value) ?? '').length, 0);
  return texts + otherChars + contentChars({ text: '', blocks });
}

function replaceBlocks(result: JsonObject, leftOut: ReadonlySet<JsonObject>): JsonObject {
  const blocks = contentBlocks(result);
  if (!blocks.some((block) => leftOut.has(block))) return result;
  return {
    ...result,
    content: blocks.map((block) =>
      leftOut.has(block) ? { type: 'text', text: `(${describeLeftOut(block)})` } : block,
    ),
  };
}

function isNoText(block: JsonObject): boolean {
  return block['type'] !== 'text';
}
