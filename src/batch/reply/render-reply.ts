import type { BatchConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import { renderStructured } from './render-structured.ts';
import { renderText } from './text/render-text.ts';
import type { FinishedBatch } from './reply-row.ts';

/**
 * The `CallToolResult` of a batch, in the form that was asked for. Every call is there, in the order asked, with its status, whatever
 * the budget (`maxReplyChars`) leaves of the results. It is no error, whatever its calls met: only a refusal is.
 */
export function renderReply(batch: FinishedBatch & { settings: BatchConfig }): JsonObject {
  return batch.request.format === 'structured' ? renderStructured(batch) : renderText(batch);
}
