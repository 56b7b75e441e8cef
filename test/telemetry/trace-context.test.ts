import { INVALID_SPAN_CONTEXT, trace } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { readTraceContext, withTraceContext } from '../../src/telemetry/trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('trace context of a client', () => {
  test('is read as the W3C writes it', () => {
    const read = readTraceContext({ traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'vendor=1' });
    expect(read).toMatchObject({ traceId, spanId, traceFlags: 1, isRemote: true });
    expect(read?.traceState?.get('vendor')).toBe('1');
  });

  test('of a later version is read as far as it is known', () => {
    expect(readTraceContext({ traceparent: `cc-${traceId}-${spanId}-03-more` })).toMatchObject({
      traceId,
      traceFlags: 1,
    });
  });

  test.each([
    ['nothing', undefined],
    ['a number', 7],
    ['another text', 'sesame'],
    ['a forbidden version', `ff-${traceId}-${spanId}-01`],
    ['more than version 00 has', `00-${traceId}-${spanId}-01-more`],
    ['upper case', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['the trace of nobody', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['the span of nobody', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['far too much', `01-${traceId}-${spanId}-01-${'x'.repeat(1_000)}`],
  ])('that is %s is none', (_, traceparent) => {
    expect(readTraceContext({ traceparent })).toBeUndefined();
  });

  test('with a state that nobody has to carry is read without it', () => {
    const tracestate = `vendor=${'x'.repeat(600)}`;
    const read = readTraceContext({ traceparent: `00-${traceId}-${spanId}-00`, tracestate });
    expect(read).toEqual({ traceId, spanId, traceFlags: 0, isRemote: true });
  });
});

describe('trace context for a server', () => {
  const span = trace.wrapSpanContext({ traceId, spanId, traceFlags: 1 });

  test('takes the place of the one before, and leaves the rest as it is', () => {
    const meta = { traceparent: 'old', tracestate: 'old=1', baggage: 'who=me', own: [1] };
    const sent = withTraceContext({ name: 'x', _meta: meta }, span);
    expect(sent).toEqual({
      name: 'x',
      _meta: { traceparent: `00-${traceId}-${spanId}-01`, baggage: 'who=me', own: [1] },
    });
  });

  test('is none where nothing is traced', () => {
    const params = { name: 'x' };
    expect(withTraceContext(params, trace.wrapSpanContext(INVALID_SPAN_CONTEXT))).toBe(params);
  });
});
