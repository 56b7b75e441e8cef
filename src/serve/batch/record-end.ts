import { renderReply } from '../../batch/reply/render-reply.ts';
import { renderReport } from '../../batch/reply/structured/render-report.ts';
import type { BatchConfig } from '../../config/config.ts';
import type { BatchEnd } from '../../core/journal.ts';
import type { Engine } from '../engine.ts';
import type { OpenBatch } from './book/open-batch.ts';
import type { JsonObject } from '../../core/json.ts';

/**
 * Writes the one end of a batch; where it has a key, says why that is not on disk. What is cancelled since its client has gone was interrupted: sent again under its idempotency key, it
 * goes on where it stopped.
 */
export function recordEnd(
  engine: Engine,
  {
    batch,
    settings,
    isKeyed,
    hasLeft,
    meta,
  }: {
    batch: OpenBatch;
    settings: BatchConfig;
    isKeyed: boolean;
    hasLeft: () => boolean;
    /** Trace context of the request that it came with. */
    meta?: JsonObject | undefined;
  },
): string | undefined {
  const { batchId } = batch;
  const view = batch.view();
  const isCancelled = view.outcomes.some(({ status }) => status === 'cancelled');
  const status = !isCancelled ? 'completed' : hasLeft() ? 'interrupted' : 'cancelled';
  const wallMs = Math.round(view.wallMs);
  engine.logger.info({ batchId, calls: view.outcomes.length, wallMs }, 'batch done');
  engine.telemetry?.batchEnded({ meta, batchId, wallMs: view.wallMs, serialMs: view.timing.serialMs });
  return engine.journal.end(batchId, { status, wallMs, ...describe() });

  function describe(): Pick<BatchEnd, 'report' | 'reply'> {
    try {
      const reply = isKeyed && status !== 'interrupted' ? renderReply({ ...view, settings, isKept: false }) : undefined;
      return { report: renderReport(view), ...(reply !== undefined && { reply }) };
    } catch (error) {
      engine.logger.error({ batchId, reason: String(error) }, 'a batch failed inside mcp-marshal after it ran');
      return { report: {} };
    }
  }
}
