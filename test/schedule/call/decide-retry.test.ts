import { describe, expect, test } from 'vitest';
import { decideRetry, type FailedTry, type Failure } from '../../../src/schedule/call/decide-retry.ts';

const lost: Failure = {
  ok: false,
  sent: true,
  fault: 'transport',
  error: { code: 'connection_lost', message: 'gone', retryable: true },
};
const busy: Failure = {
  ok: false,
  sent: true,
  fault: 'busy',
  error: { code: 'upstream_error', message: 'HTTP 429', retryable: true },
};
const decide = (more: Partial<FailedTry>): number | undefined =>
  decideRetry({
    failure: lost,
    mayRepeat: { times: 2, afterTimeout: false },
    tries: 1,
    leftMs: Number.POSITIVE_INFINITY,
    random: 1,
    ...more,
  });

describe('a call that may be sent again is', () => {
  test('two more times, after 200 ms, then 400 ms, at most', () => {
    expect([1, 2, 3].map((tries) => decide({ tries }))).toEqual([200, 400, undefined]);
    expect(decide({ mayRepeat: { times: 5, afterTimeout: false }, tries: 5 })).toBe(3_200);
  });

  test('after any part of that time, so that many do not come back together', () => {
    expect([0, 0.25, 0.5].map((random) => decide({ random }))).toEqual([0, 50, 100]);
  });

  test('not before the server wants it, and not at all where that is later than 30 s', () => {
    expect(decide({ failure: { ...busy, retryAfterMs: 2_000 } })).toBe(2_000);
    expect(decide({ failure: { ...busy, retryAfterMs: 10 } })).toBe(200);
    expect(decide({ failure: { ...busy, retryAfterMs: 30_000 } })).toBe(30_000);
    expect(decide({ failure: { ...busy, retryAfterMs: 30_001 } })).toBeUndefined();
  });

  test('only while somebody waits for it', () => {
    expect(decide({ leftMs: 201 })).toBe(200);
    expect(decide({ leftMs: 200 })).toBeUndefined();
    expect(decide({ leftMs: 1_999, failure: { ...busy, retryAfterMs: 2_000 } })).toBeUndefined();
  });

  test('after a timeout only where policy asks for that', () => {
    expect(decide({ failure: 'timeout' })).toBeUndefined();
    expect(decide({ failure: 'timeout', mayRepeat: { times: 2, afterTimeout: true } })).toBe(200);
    expect(decide({ failure: 'timeout', mayRepeat: { times: 2, afterTimeout: true }, tries: 3 })).toBeUndefined();
  });
});

test('nothing else is ever sent again', () => {
  expect(decide({ mayRepeat: undefined })).toBeUndefined();
  const { fault: _, ...answered } = busy;
  expect(decide({ failure: answered })).toBeUndefined();
  const rpc = { code: -32_000, message: 'no' };
  expect(decide({ failure: { ...busy, error: { ...busy.error, rpc } } })).toBeUndefined();
});
