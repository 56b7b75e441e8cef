import { assert, boolean, double, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { planRetry } from '../../../src/upstream/pace/backoff.ts';

const waitMs = (failures: number, isOursToMend: boolean, random = 0): number =>
  planRetry({ failures, reason: 'it exited', isOursToMend, random }).waitMs;

test('each failure doubles the wait from half a second to eight; then a process is tried by the hour, any other server every 30 s', () => {
  const rows = [1, 2, 3, 4, 5, 6, 50];
  expect(rows.map((failures) => waitMs(failures, true))).toEqual([500, 1000, 2000, 4000, 8000, 3_600_000, 3_600_000]);
  expect(rows.map((failures) => waitMs(failures, false))).toEqual([500, 1000, 2000, 4000, 8000, 30_000, 30_000]);
});

test('a crash loop is named, with what ends it; before, and elsewhere, the reason stands alone', () => {
  const facts = { failures: 6, reason: 'it exited with code 1', isOursToMend: true, random: 0 };
  expect(planRetry(facts).reason).toBe(
    'crash loop, 6 failures in a row: it exited with code 1; fix the server, then reload (SIGHUP) or restart; it is tried again within the hour',
  );
  expect(planRetry({ ...facts, failures: 5 }).reason).toBe('it exited with code 1');
  expect(planRetry({ ...facts, isOursToMend: false }).reason).toBe('it exited with code 1');
});

test('jitter shortens a wait by at most a fifth', () => {
  assert(
    property(
      integer({ min: 1, max: 1000 }),
      boolean(),
      double({ min: 0, max: 1, noNaN: true }),
      (failures, isOursToMend, random) => {
        const wholeMs = waitMs(failures, isOursToMend);
        const shorterMs = waitMs(failures, isOursToMend, random);
        expect(shorterMs).toBeGreaterThanOrEqual(wholeMs * 0.8);
        expect(shorterMs).toBeLessThanOrEqual(wholeMs);
      },
    ),
  );
});
