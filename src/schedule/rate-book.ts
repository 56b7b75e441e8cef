import type { Rate } from '../core/clock.ts';

/** Who may be dispatched when, on the servers that have a rate. Times are milliseconds of one monotonic clock. */
export interface RateBook {
  /** Whether calls of the server have to ask at all. */
  binds(server: string): boolean;
  /** The moment from which one more call may be dispatched, as far as those before it tell; `nowMs` or earlier: at once. */
  freeAtMs(server: string): number;
  /** Counts a call as dispatched now. */
  take(server: string, nowMs: number): void;
  /** The call that was counted last was not dispatched after all. */
  giveBack(server: string): void;
}

/**
 * Sliding windows: however a window of the rate's length is laid, at most that many calls were dispatched in it. A window that is
 * empty may be used up at once; nothing is spread out, and what was dispatched is not forgotten at the full minute.
 */
export function createRateBook(rates: ReadonlyMap<string, Rate>): RateBook {
  const windows = new Map<string, { rate: Rate; takenMs: number[]; first: number }>();
  for (const [server, rate] of rates) windows.set(server, { rate, takenMs: [], first: 0 });

  return {
    binds: (server) => windows.has(server),
    freeAtMs(server) {
      const window = windows.get(server);
      if (window === undefined) return Number.NEGATIVE_INFINITY;
      const { rate, takenMs } = window;
      const blocking = takenMs[takenMs.length - rate.calls];
      return blocking === undefined ? Number.NEGATIVE_INFINITY : blocking + rate.perMs;
    },
    take(server, nowMs) {
      const window = windows.get(server);
      if (window === undefined) return;
      const { rate, takenMs } = window;
      while (window.first < takenMs.length && takenMs[window.first]! <= nowMs - rate.perMs) window.first++;
      // Moved only when half of the list is over, so that a call's part of it stays small whatever the rate.
      if (window.first > takenMs.length / 2) {
        takenMs.splice(0, window.first);
        window.first = 0;
      }
      takenMs.push(nowMs);
    },
    giveBack: (server) => void windows.get(server)?.takenMs.pop(),
  };
}
