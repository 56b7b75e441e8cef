import { renderReply } from '../../batch/reply/render-reply.ts';
import type { BatchConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Engine } from '../engine.ts';
import type { OpenBatch } from './book/open-batch.ts';

/**
 * The reply to a batch by now. From then on its client knows what has become of its calls, and of those that ended late. `isFirst`: each
 * row says what the batch itself went by, and not what was learnt since.
 */
export function replyAsItStands(
  engine: Engine,
  bag: {
    batch: OpenBatch;
    principal: string | undefined;
    settings: BatchConfig;
    notes?: readonly string[];
    isFirst?: true;
  },
): JsonObject {
  const { batch, principal, settings, notes = [], isFirst } = bag;
  batch.secure();
  const isKept = engine.batches.find(principal, batch.batchId) !== undefined;
  const { late, ...view } = batch.view();
  const learnt = engine.batches.learn(principal, batch);
  const reply = renderReply({
    ...view,
    ...(isFirst !== true && late !== undefined && { late }),
    notes: [...notes, ...(view.notes ?? [])],
    settings,
    isKept,
    learnt,
  });
  batch.reported();
  return reply;
}
