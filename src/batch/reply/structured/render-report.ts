import type { JsonObject } from '../../../core/json.ts';
import { cutText } from '../../budget/cut-text.ts';
import { toRows, type FinishedBatch, type ReplyRow } from '../reply-row.ts';
import { factsOfBatch, factsOfRow } from './facts.ts';

// Enough to see what happened; the whole of it is in the reply.
const maxMessageChars = 300;

/** How a batch went, as the structured reply says it, without anything that its calls brought: for the journal. */
export function renderReport(batch: FinishedBatch): JsonObject {
  const rows = toRows(batch);
  const results = rows.map((row): JsonObject => {
    const { items } = row;
    return items === undefined ? reportRow(row) : { ...reportRow(row), items: items.map(reportRow) };
  });
  return factsOfBatch(batch, { rows, results, keptAs: undefined });
}

function reportRow(row: ReplyRow): JsonObject {
  return factsOfRow(row, { message: cutText(row.outcome.error?.message ?? '', maxMessageChars) });
}
