import type { BatchConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import type { LearntLate } from './learnt-late.ts';
import { renderStructured } from './structured/render-structured.ts';
import { renderText } from './text/render-text.ts';
import type { FinishedBatch } from './reply-row.ts';

/**
 * The `CallToolResult` of a batch, in the form that was asked for. Every call is there, in the order asked, with its status, whatever
 * the budget (`maxReplyChars`) leaves of the results. It is no error, whatever its calls met: only a refusal is. Where the batch
 * `isKept`, so that `batch_await` finds it, the reply says how to ask for the rest. `learnt`: what its reader has to hear of calls that
 * ended late, of other batches as well.
 */
export function renderReply({
  isKept,
  learnt = [],
  ...batch
}: FinishedBatch & { settings: BatchConfig; isKept: boolean; learnt?: readonly LearntLate[] }): JsonObject {
  const keptAs = isKept ? batch.plan.batchId : undefined;
  return batch.request.format === 'structured'
    ? renderStructured({ ...batch, keptAs, learnt })
    : renderText({ ...batch, keptAs, learnt });
}
