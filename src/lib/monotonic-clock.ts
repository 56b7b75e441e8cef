import type { Clock } from '../core/clock.ts';

/** The real clock. Monotonic, so that a jump of the wall clock neither fires a timeout nor gives a negative duration. */
export function createMonotonicClock(): Clock {
  return {
    now: () => performance.now(),
    after(ms, fire) {
      const timer = setTimeout(fire, ms);
      return () => clearTimeout(timer);
    },
  };
}
