import type { Rate } from '../../../core/clock.ts';

/** How often something happened of late. Times are milliseconds of one monotonic clock. */
export interface SlidingWindow {
  /** Counts `count` more and says 0; or counts nothing, and says how long until there is room for them. Infinity: there never is. */
  take(count: number, nowMs: number): number;
  /** Nothing counts any more. */
  isEmpty(nowMs: number): boolean;
}

/** So many parts has a window: each is forgotten as a whole, and so a sixtieth of the time late, never early. */
const parts = 60;

/** However a window of the rate's length is laid, at most that many were counted in it. As much memory for a million as for ten. */
export function createSlidingWindow({ calls, perMs }: Rate): SlidingWindow {
  const partMs = perMs / parts;
  /** Oldest first. */
  let counted: { part: number; count: number }[] = [];
  const goneAtMs = (part: number): number => (part + parts + 1) * partMs;
  const forget = (nowMs: number): void => {
    counted = counted.filter(({ part }) => goneAtMs(part) > nowMs);
  };

  return {
    take(count, nowMs) {
      if (count > calls) return Number.POSITIVE_INFINITY;
      forget(nowMs);
      let excess = counted.reduce((sum, each) => sum + each.count, count) - calls;
      for (const each of counted) {
        if (excess <= 0) break;
        excess -= each.count;
        if (excess <= 0) return goneAtMs(each.part) - nowMs;
      }
      const part = Math.floor(nowMs / partMs);
      const last = counted.at(-1);
      if (last?.part === part) last.count += count;
      else counted.push({ part, count });
      return 0;
    },
    isEmpty(nowMs) {
      forget(nowMs);
      return counted.length === 0;
    },
  };
}
