import { renderReply } from '../../batch/reply/render-reply.ts';
import type { BatchConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Engine } from '../engine.ts';
import type { OpenBatch } from './book/open-batch.ts';

/** The reply to a batch by now. From then on its client knows what has become of its calls, and of those that ended late. */
export function replyAsItStands(
  engine: Engine,
  bag: { batch: OpenBatch; principal: string | undefined; settings: BatchConfig; notes?: readonly string[] },
): JsonObject {
  const { batch, principal, settings, notes = [] } = bag;
  const isKept = engine.batches.find(principal, batch.batchId) !== undefined;
  const view = batch.view();
  const learnt = engine.batches.learn(principal, batch);
  const reply = renderReply({ ...view, notes: [...notes, ...(view.notes ?? [])], settings, isKept, learnt });
  batch.reported();
  return reply;
}
