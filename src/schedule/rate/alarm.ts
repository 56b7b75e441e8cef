import type { Clock } from '../../core/clock.ts';

export interface Alarm {
  /** Rings once at this moment, and not at the one set before; infinity: not at all. */
  set(atMs: number): void;
}

/** One timer at most, and none where nothing is to come. */
export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let setToMs = Number.POSITIVE_INFINITY;
  let clear: (() => void) | undefined;
  return {
    set(atMs) {
      if (atMs === setToMs) return;
      clear?.();
      clear = undefined;
      setToMs = atMs;
      if (atMs === Number.POSITIVE_INFINITY) return;
      // Timers of the runtime drop fractions and would ring early.
      clear = clock.after(Math.ceil(atMs - clock.now()), () => {
        setToMs = Number.POSITIVE_INFINITY;
        ring();
      });
    },
  };
}
