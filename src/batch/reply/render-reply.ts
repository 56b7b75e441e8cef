import type { BatchConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import { renderStructured } from './render-structured.ts';
import { renderText } from './text/render-text.ts';
import type { FinishedBatch } from './reply-row.ts';

/**
 * The `CallToolResult` of a batch, in the form that was asked for. Every call is there, in the order asked, with its status, whatever
 * the budget (`maxReplyChars`) leaves of the results. It is no error, whatever its calls met: only a refusal is. Where the batch
 * `isKept`, so that `batch_await` finds it, the reply says how to ask for the rest.
 */
export function renderReply({
  isKept,
  ...batch
}: FinishedBatch & { settings: BatchConfig; isKept: boolean }): JsonObject {
  const keptAs = isKept ? batch.plan.batchId : undefined;
  return batch.request.format === 'structured'
    ? renderStructured({ ...batch, keptAs })
    : renderText({ ...batch, keptAs });
}
