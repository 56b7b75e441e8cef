import type { Rate } from '../../core/clock.ts';

/** Turns on the servers that have a rate. Times are milliseconds of one monotonic clock. */
export interface RateBook {
  /** Whether calls of the server need a turn at all. */
  binds(server: string): boolean;
  /** The moment from which there is a turn to be had, as far as the past tells; infinity where only others giving theirs up can tell. */
  freeAtMs(server: string): number;
  /** Takes a turn for a call that is not dispatched yet. */
  reserve(server: string): void;
  /** The call that had taken a turn is dispatched now. */
  use(server: string, nowMs: number): void;
  /** The call that had taken a turn needs it no more. */
  release(server: string): void;
  /** Changes the rates. What was dispatched counts under the new ones, as far back as the old ones had to know. */
  apply(rates: ReadonlyMap<string, Rate>): void;
}

/** Of a server that has a rate no more, for turns that are still held or waited for. */
const unlimited: Rate = { calls: Number.POSITIVE_INFINITY, perMs: 0 };

interface Window {
  rate: Rate;
  usedMs: number[];
  /** Index of the first that still counts. */
  first: number;
  reserved: number;
}

/**
 * Sliding windows: however a window of the rate's length is laid, at most that many calls were dispatched in it. A window that is
 * empty may be used up at once; nothing is spread out, and what was dispatched is not forgotten at the full minute.
 */
export function createRateBook(rates: ReadonlyMap<string, Rate>): RateBook {
  const windows = new Map<string, Window>();
  const apply: RateBook['apply'] = (changed) => {
    for (const [server, window] of windows) {
      if (changed.has(server)) continue;
      window.rate = unlimited;
      if (window.reserved === 0) windows.delete(server);
    }
    for (const [server, rate] of changed) {
      const window = windows.get(server) ?? { rate, usedMs: [], first: 0, reserved: 0 };
      windows.set(server, Object.assign(window, { rate }));
    }
  };
  apply(rates);
  const windowOf = (server: string): Window => {
    const window = windows.get(server) ?? { rate: unlimited, usedMs: [], first: 0, reserved: 0 };
    windows.set(server, window);
    return window;
  };

  return {
    apply,
    binds: (server) => (windows.get(server)?.rate ?? unlimited) !== unlimited,
    freeAtMs(server) {
      const window = windows.get(server);
      if (window === undefined) return Number.NEGATIVE_INFINITY;
      const { rate, usedMs, reserved } = window;
      if (reserved >= rate.calls) return Number.POSITIVE_INFINITY;
      const blocking = usedMs[usedMs.length - (rate.calls - reserved)];
      return blocking === undefined ? Number.NEGATIVE_INFINITY : blocking + rate.perMs;
    },
    reserve(server) {
      windowOf(server).reserved++;
    },
    use(server, nowMs) {
      const window = windowOf(server);
      const { rate, usedMs } = window;
      window.reserved--;
      while (window.first < usedMs.length && usedMs[window.first]! <= nowMs - rate.perMs) window.first++;
      // Moved only when half of the list is over, so that a call's part of it stays small whatever the rate.
      if (window.first > usedMs.length / 2) {
        usedMs.splice(0, window.first);
        window.first = 0;
      }
      usedMs.push(nowMs);
    },
    release(server) {
      windowOf(server).reserved--;
    },
  };
}
