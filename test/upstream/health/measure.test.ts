import { expect, test } from 'vitest';
import { measure } from '../../../src/upstream/health/measure.ts';
import type { Measurable } from '../../../src/upstream/health/measure.ts';

/** An upstream in this era, which answers as told. */
function upstreamOf(
  kind: 'legacy' | 'modern',
  request: Measurable['request'],
): { upstream: Measurable; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    upstream: {
      connection: () => ({ verdict: { kind }, protocolVersion: '2025-11-25' }),
      request(method, params, options) {
        asked.push(method);
        return request(method, params, options);
      },
    },
  };
}

test.each([
  ['legacy', 'ping'],
  ['modern', 'server/discover'],
] as const)('a %s server is asked for as little as there is: %s', async (kind, method) => {
  const { upstream, asked } = upstreamOf(kind, () => Promise.resolve({ ok: true, result: {} }));
  const measured = await measure(upstream, 1_000);
  expect(asked).toEqual([method]);
  expect(measured).toEqual({ protocolVersion: '2025-11-25', roundTripMs: expect.any(Number) });
});

test('a refusal is an answer like any other', async () => {
  const error = { code: -32601, message: 'Method not found' };
  const { upstream } = upstreamOf('legacy', () => Promise.resolve({ ok: false, error }));
  expect(await measure(upstream, 1_000)).toHaveProperty('roundTripMs');
});

test('a server that does not answer in time is given up, and nothing is said of how fast it is', async () => {
  const { upstream } = upstreamOf(
    'legacy',
    (_method, _params, { signal } = {}) =>
      new Promise((resolve) => {
        signal?.addEventListener('abort', () => resolve({ ok: false, error: { code: 0, message: 'cancelled' } }));
      }),
  );
  expect(await measure(upstream, 10)).toEqual({ protocolVersion: '2025-11-25' });
});

test('a server that is not connected is not asked', async () => {
  const { upstream, asked } = upstreamOf('legacy', () => Promise.reject(new Error('asked')));
  expect(await measure({ ...upstream, connection: () => undefined }, 1_000)).toBeUndefined();
  expect(asked).toEqual([]);
});
