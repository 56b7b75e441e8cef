import { SpanKind, SpanStatusCode, type Meter, type Tracer } from '@opentelemetry/api';
import type { CallError, Outcome } from '../core/outcome.ts';
import type { EndedCall, Telemetry } from '../core/telemetry.ts';
import { createBatchSpans } from './batch-spans.ts';
import { createInstruments } from './instruments.ts';
import { networkTransport, other, serverAttributes, toolName } from './names.ts';
import { createSendingTracer } from './send-request.ts';
import { createRequestTracer } from './serve-request.ts';
import { createOpenSpans } from './trace-context.ts';

/** Tells what happens by way of a tracer and a meter, whoever made them. The rules of the names: semantic conventions for MCP. */
export function createTelemetry({ tracer, meter }: { tracer: Tracer; meter: Meter }): Telemetry {
  const open = createOpenSpans();
  const batches = createBatchSpans(tracer, open);
  const instruments = createInstruments(meter);
  const parts = { open, instruments };

  return {
    serve: createRequestTracer(tracer, parts),
    ...createSendingTracer(tracer, parts),
    askApproval(call, meta) {
      const startedMs = performance.now();
      const attributes = {
        'gen_ai.tool.name': toolName(call.tool),
        'marshal.server': call.server,
        'marshal.call.id': call.id,
      };
      const span = tracer.startSpan('marshal.approval', { kind: SpanKind.INTERNAL, attributes }, open.parentOf(meta));
      return (error) => {
        const told = { 'marshal.approval.answer': answerOf(error) };
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', error.code);
        span.setAttributes(told).end();
        instruments.approvals.add(1, told);
        instruments.approvalDuration.record((performance.now() - startedMs) / 1000, told);
      };
    },
    callEnded(ended) {
      const { outcome, server } = ended;
      const one = (part: Outcome): void => {
        const told = {
          'marshal.call.status': part.status,
          'marshal.call.class': part.decided?.class ?? ended.class ?? other,
          ...(server !== undefined && { 'marshal.server': server }),
        };
        instruments.calls.add(1, told);
        if (part.attempts === 0) return;
        instruments.callQueue.record(part.queuedMs / 1000, { 'marshal.call.class': told['marshal.call.class'] });
        if (part.attempts > 1)
          instruments.retries.add(part.attempts - 1, server === undefined ? {} : { 'marshal.server': server });
      };
      if (outcome.items !== undefined && outcome.items.length > 0) outcome.items.forEach(one);
      else one(outcome);
      if (outcome.attempts === 0 && outcome.items === undefined) {
        const { meta, batchId } = ended;
        const span = batchId === undefined ? open.find(meta) : batches.find({ meta, batchId });
        span?.addEvent('marshal.call.not_sent', describeUnsent(ended));
      }
    },
    batchBegun(batch) {
      batches.begin(batch);
      instruments.batchCalls.record(batch.calls);
    },
    batchEnded({ wallMs, serialMs, ...batch }) {
      const savedMs = Math.max(0, serialMs - wallMs);
      batches.find(batch)?.setAttributes({ 'marshal.batch.saved_ms': Math.round(savedMs) });
      batches.end(batch);
      instruments.batchDuration.record(wallMs / 1000);
      instruments.batchSaved.record(savedMs / 1000);
    },
    sessionOpened(transport) {
      const startedMs = performance.now();
      const told = { 'network.transport': networkTransport(transport) };
      return () => instruments.serverSession.record((performance.now() - startedMs) / 1000, told);
    },
    connectionOpened(server, ended) {
      const startedMs = performance.now();
      const told = serverAttributes(server);
      void ended.then(() => instruments.clientSession.record((performance.now() - startedMs) / 1000, told));
    },
    observe: instruments.observe,
  };
}

function describeUnsent({ id, outcome, tool, class: toolClass }: EndedCall): Record<string, string> {
  const { status, error, cached, deduplicatedOf } = outcome;
  return {
    'marshal.call.id': id,
    'marshal.call.status': status,
    'gen_ai.tool.name': tool === undefined ? other : toolName(tool),
    ...(toolClass !== undefined && { 'marshal.call.class': toolClass }),
    ...(error !== undefined && { 'error.type': error.code }),
    ...(cached === true && { 'marshal.call.answered_by': 'cache' }),
    ...(deduplicatedOf !== undefined && { 'marshal.call.answered_by': deduplicatedOf }),
  };
}

function answerOf(error: CallError | undefined): string {
  if (error === undefined) return 'yes';
  if (error.code === 'approval_declined') return 'no';
  return error.code === 'cancelled' || error.code === 'deadline' ? 'withdrawn' : 'unavailable';
}
