import type { BatchConfig } from '../../../config/config.ts';
import type { JsonObject } from '../../../core/json.ts';
import { renderParts } from './render-parts.ts';
import type { LearntLate } from '../learnt-late.ts';
import { listWarnings, renderSummaryLines, renderWarnings } from '../render-summary.ts';
import { toRows } from '../reply-row.ts';
import type { FinishedBatch } from '../reply-row.ts';
import { toTextParts } from './text-part.ts';

/** The text form: a block for the summary, then a block per call and per element, with what is no text behind it. */
export function renderText(
  batch: FinishedBatch & { settings: BatchConfig; keptAs: string | undefined; learnt: readonly LearntLate[] },
): JsonObject {
  const { settings, keptAs, learnt } = batch;
  const rows = toRows(batch);
  const warnings = renderWarnings(listWarnings(batch, { rows, keptAs }));
  const lines = [...renderSummaryLines(batch, { rows, keptAs, learnt }), ...warnings];
  const budget = lines.reduce((rest, line) => rest - line.length - 1, settings.maxReplyChars);
  const { content, hint } = renderParts(toTextParts(rows, keptAs), { budget, keptAs });
  if (hint !== undefined) lines.push(hint);
  return { content: [{ type: 'text', text: lines.join('\n') }, ...content] };
}
