import type { Clock } from '../core/clock.ts';

/** A timer that is later than this tells of an event loop that stood still. Ordinary lateness is a few milliseconds. */
const stallMs = 50;

/**
 * The real clock. Monotonic, so that a jump of the wall clock neither fires a timeout nor gives a negative duration. After a stall of
 * the event loop, timers come after what has arrived in the meantime: an answer that came in time wins over its timeout.
 */
export function createMonotonicClock(): Clock {
  return {
    now: () => performance.now(),
    after(ms, fire) {
      const dueMs = performance.now() + ms;
      let turn: NodeJS.Immediate | undefined;
      const timer = setTimeout(() => {
        if (performance.now() - dueMs < stallMs) return fire();
        // Timers go before input in each round of the loop. One round reads what is there; what comes of it may be read in the next.
        turn = setImmediate(() => {
          turn = setImmediate(fire);
        });
      }, ms);
      return () => {
        clearTimeout(timer);
        clearImmediate(turn);
      };
    },
  };
}
