import type { JsonObject } from '../../../core/json.ts';
import type { ErrorCode } from '../../../core/outcome.ts';
import { cutText } from '../../budget/cut-text.ts';
import { toRows, type FinishedBatch, type ReplyRow } from '../reply-row.ts';
import { factsOfBatch, factsOfRow } from './facts.ts';

// Enough to see what happened; the whole of it is in the reply.
const maxMessageChars = 300;
/** Their messages show what was wrong in the arguments, which may be secret; the code says enough. */
const quotesArguments = new Set<ErrorCode>(['invalid_reference', 'invalid_arguments', 'unknown_tool']);

/** How a batch went, as the structured reply says it, without anything that its calls brought or were given: for the journal. */
export function renderReport(batch: FinishedBatch): JsonObject {
  const rows = toRows(batch);
  const results = rows.map((row): JsonObject => {
    const { items } = row;
    return items === undefined ? reportRow(row) : { ...reportRow(row), items: items.map(reportRow) };
  });
  return factsOfBatch(batch, { rows, results, keptAs: undefined });
}

function reportRow(row: ReplyRow): JsonObject {
  const { error } = row.outcome;
  const message = error === undefined || quotesArguments.has(error.code) ? '' : error.message;
  return factsOfRow(row, { message: cutText(message, maxMessageChars) });
}
