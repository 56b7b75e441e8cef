import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSlidingWindow } from '../../../../src/serve/http/access/sliding-window.ts';

const perMs = 60_000;

test('however a window is laid, no more are counted in it than its rate allows; and who waits as long as told gets in', () => {
  const steps = fc.array(
    fc.record({ afterMs: fc.integer({ min: 0, max: 40_000 }), count: fc.integer({ min: 1, max: 4 }) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), steps, (calls, arrivals) => {
      const window = createSlidingWindow({ calls, perMs });
      const taken: number[] = [];
      let nowMs = 0;
      for (const { afterMs, count } of arrivals) {
        nowMs += afterMs;
        let waitMs = window.take(count, nowMs);
        expect(waitMs === Number.POSITIVE_INFINITY).toBe(count > calls);
        if (count > calls) continue;
        if (waitMs > 0) {
          // Not told to wait for longer than a window, and the sixtieth by which it is late.
          expect(waitMs).toBeLessThanOrEqual(perMs + perMs / 60);
          nowMs += waitMs;
          waitMs = window.take(count, nowMs);
        }
        expect(waitMs).toBe(0);
        taken.push(...Array.from({ length: count }, () => nowMs));
      }
      for (const beginMs of taken) {
        expect(taken.filter((atMs) => atMs >= beginMs && atMs < beginMs + perMs).length).toBeLessThanOrEqual(calls);
      }
    }),
  );
});

test('is empty again when all of it is over', () => {
  const window = createSlidingWindow({ calls: 2, perMs });
  expect(window.isEmpty(0)).toBe(true);
  window.take(1, 0);
  expect(window.isEmpty(perMs)).toBe(false);
  expect(window.isEmpty(perMs + perMs / 60)).toBe(true);
});
