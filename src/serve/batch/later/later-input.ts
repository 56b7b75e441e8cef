import { quote } from '../../../batch/input/field-problems.ts';
import type { AbortLike } from '../../../core/abort.ts';
import type { JsonObject } from '../../../core/json.ts';
import { toErrorResult } from '../../passthrough.ts';
import type { BatchInput } from '../batch-input.ts';
import { keptMinutes } from '../book/kept-batches.ts';

/** A call of a tool that comes back to a batch. */
export interface LaterInput {
  /** The arguments; anything, until they are read. */
  input: unknown;
  /** Who calls: nobody finds the batches of another. */
  principal: string;
  /** The cancellation of this request, which ends its waiting and nothing else. */
  signal?: AbortLike;
  onProgress?: BatchInput['onProgress'];
}

export function refuseLater(message: string): JsonObject {
  return toErrorResult({ code: 'invalid_arguments', message, retryable: false });
}

/** A batch of another client is answered for as one that never was. */
export function refuseUnknownBatch(batchId: string): JsonObject {
  return refuseLater(
    `no batch ${quote(batchId)} is kept; results are kept for ${keptMinutes} minutes at most, and only for the client that ran the batch`,
  );
}
