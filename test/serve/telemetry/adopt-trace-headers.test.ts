import { describe, expect, test } from 'vitest';
import { adoptTraceHeaders } from '../../../src/serve/telemetry/adopt-trace-headers.ts';

const headers = { traceparent: '00-a-b-01', tracestate: 'vendor=1', baggage: 'who=me' };
const request = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x' } };

describe('the trace context of an HTTP request', () => {
  test('is that of its message, and of each one of several', () => {
    const adopted = { ...request, params: { name: 'x', _meta: headers } };
    expect(adoptTraceHeaders(request, headers)).toEqual(adopted);
    expect(adoptTraceHeaders([request, { ...request, params: undefined }], headers)).toEqual([
      adopted,
      { ...request, params: { _meta: headers } },
    ]);
  });

  test('is not that of a message which brings its own, and never half of one', () => {
    const own = { ...request, params: { _meta: { traceparent: 'own' } } };
    expect(adoptTraceHeaders(own, headers)).toBe(own);
    expect(adoptTraceHeaders(request, { tracestate: 'vendor=1', baggage: 'who=me' })).toBe(request);
  });

  test.each([
    [{ id: 1, result: {} }],
    [{ ...request, params: [1] }],
    [{ ...request, params: { _meta: 7 } }],
    ['text'],
    [null],
  ])('leaves %j as it is', (body) => {
    expect(adoptTraceHeaders(body, headers)).toBe(body);
  });
});
