import {
  context,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
  type Context,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import { isJsonObject, type JsonObject } from '../core/json.ts';

/** The requests of clients that are being answered: their spans are found by what stands in `_meta` of what comes of them. */
export interface OpenSpans {
  add(span: Span): void;
  remove(span: Span): void;
  /** The span that this trace context names, while it is open. */
  find(meta: JsonObject | undefined): Span | undefined;
  /** What the next span is a child of: an open span, or what a client sent; else whatever is active where we are called. */
  parentOf(meta: JsonObject | undefined): Context;
}

export function createOpenSpans(): OpenSpans {
  // Bounded by the requests that clients may have open.
  const open = new Map<string, Span>();
  const find: OpenSpans['find'] = (meta) => {
    const named = readTraceContext(meta);
    return named === undefined ? undefined : open.get(keyOf(named));
  };
  return {
    add(span) {
      const own = span.spanContext();
      if (isSpanContextValid(own) && span.isRecording()) open.set(keyOf(own), span);
    },
    remove: (span) => void open.delete(keyOf(span.spanContext())),
    find,
    parentOf(meta) {
      const named = readTraceContext(meta);
      if (named === undefined) return context.active();
      const span = open.get(keyOf(named));
      return span === undefined ? trace.setSpanContext(ROOT_CONTEXT, named) : trace.setSpan(ROOT_CONTEXT, span);
    },
  };
}

function keyOf({ traceId, spanId }: SpanContext): string {
  return `${traceId}-${spanId}`;
}

/** What `params` holds as `_meta`. */
export function metaOf(params: JsonObject): JsonObject | undefined {
  const meta = params['_meta'];
  return isJsonObject(meta) ? meta : undefined;
}

/** The trace context of the W3C (Trace Context, level 1) in `_meta`; nothing where there is none, or one that is none. */
export function readTraceContext(meta: JsonObject | undefined): SpanContext | undefined {
  const written = meta?.['traceparent'];
  if (typeof written !== 'string' || written.length > maxParentChars) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', more] = traceparent.exec(written) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  const state = meta?.['tracestate'];
  const read: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(typeof state === 'string' && state.length <= maxStateChars && { traceState: createTraceState(state) }),
  };
  return isSpanContextValid(read) ? read : undefined;
}

/** Params with this span as the trace context of what they are sent with; as they were where the span is part of no trace. */
export function withTraceContext(params: JsonObject, span: Span): JsonObject {
  const own = span.spanContext();
  if (!isSpanContextValid(own)) return params;
  const { tracestate: _, ...others } = metaOf(params) ?? {};
  const flags = (own.traceFlags & 0xff).toString(16).padStart(2, '0');
  const meta: JsonObject = { ...others, traceparent: `00-${own.traceId}-${own.spanId}-${flags}` };
  const state = own.traceState?.serialize();
  if (state !== undefined && state !== '') meta['tracestate'] = state;
  return { ...params, _meta: meta };
}

const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Later versions may be longer than ours. */
const maxParentChars = 256;
/** What all have to carry at least; nobody has to carry more. */
const maxStateChars = 512;
