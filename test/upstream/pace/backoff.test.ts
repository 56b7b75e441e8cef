import { assert, double, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../../src/upstream/pace/backoff.ts';

test('each failure doubles the wait from half a second on; from the fifth it is 30 s', () => {
  expect([1, 2, 3, 4, 5, 50].map((failures) => backoffMs(failures, 0))).toEqual([
    500, 1000, 2000, 4000, 30_000, 30_000,
  ]);
});

test('jitter shortens a wait by at most a fifth', () => {
  assert(
    property(integer({ min: 1, max: 1000 }), double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const wholeMs = backoffMs(failures, 0);
      const waitMs = backoffMs(failures, random);
      expect(waitMs).toBeGreaterThanOrEqual(wholeMs * 0.8);
      expect(waitMs).toBeLessThanOrEqual(wholeMs);
    }),
  );
});
