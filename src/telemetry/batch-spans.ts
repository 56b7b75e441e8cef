import { SpanKind, type Context, type Span, type Tracer } from '@opentelemetry/api';
import type { BatchMark } from '../core/telemetry.ts';
import type { OpenSpans } from './trace-context.ts';

/** Where it is told what becomes of batches. */
export interface BatchSpans {
  begin(batch: BatchMark & { calls: number }): void;
  /**
   * The span of the request that the batch came with, while that is open; then one of the batch's own, from its beginning on: what
   * ends after the reply would be told nowhere. Nothing once the batch has ended.
   */
  find(batch: BatchMark): Span | undefined;
  end(batch: BatchMark): void;
}

interface RunningBatch {
  calls: number;
  startedAt: number;
  parent: Context;
  own?: Span;
}

export function createBatchSpans(tracer: Tracer, open: OpenSpans): BatchSpans {
  // Bounded by the batches that run.
  const running = new Map<string, RunningBatch>();
  return {
    begin({ meta, batchId, calls }) {
      running.set(batchId, { calls, startedAt: Date.now(), parent: open.parentOf(meta) });
      open.find(meta)?.setAttributes({ 'marshal.batch.id': batchId, 'marshal.batch.calls': calls });
    },
    find({ meta, batchId }) {
      const batch = running.get(batchId);
      const found = open.find(meta);
      if (found !== undefined || batch === undefined) return found;
      const { parent, startedAt: startTime, calls } = batch;
      const attributes = { 'marshal.batch.id': batchId, 'marshal.batch.calls': calls };
      batch.own ??= tracer.startSpan('marshal.batch', { kind: SpanKind.INTERNAL, attributes, startTime }, parent);
      return batch.own;
    },
    end({ batchId }) {
      running.get(batchId)?.own?.end();
      running.delete(batchId);
    },
  };
}
