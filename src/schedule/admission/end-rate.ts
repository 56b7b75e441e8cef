/** How fast calls end where all slots are taken: what a queue for them can expect. */
export interface EndRate {
  /** A call has given its slot back. */
  ended(): void;
  /** What is free has been given out: whether all slots are taken now. Where one is left, nobody waits, and what was measured is forgotten. */
  note(isFull: boolean, nowMs: number): void;
  /** Ends a second, over the last second or more; nothing where too few have ended since the slots were taken to say anything. */
  perSecond(nowMs: number): number | undefined;
}

/** A window holds at least so many ends and lasts at least so long; two of them are kept. */
const windowEnds = 32;
const windowMs = 1_000;
/** As many as a server has slots by default: fewer may all be the quick ones. */
const fewestEnds = 8;

interface Window {
  sinceMs: number;
  ends: number;
}

export function createEndRate(): EndRate {
  let unnoted = 0;
  let windows: Window[] = [];
  let lastEndMs = 0;

  return {
    ended: () => void unnoted++,
    note(isFull, nowMs) {
      const ends = unnoted;
      unnoted = 0;
      const current = windows.at(-1);
      if (!isFull) windows = [];
      else if (current === undefined) windows = [{ sinceMs: nowMs, ends: 0 }];
      else if (ends > 0) {
        current.ends += ends;
        lastEndMs = nowMs;
        if (current.ends < windowEnds || nowMs - current.sinceMs < windowMs) return;
        windows = [current, { sinceMs: nowMs, ends: 0 }];
      }
    },
    perSecond(nowMs) {
      const [oldest] = windows;
      const ends = windows.reduce((sum, window) => sum + window.ends, 0);
      if (oldest === undefined || ends < fewestEnds) return undefined;
      // Slow calls end together: a silence says something only once it is longer than all that was measured.
      const ms = Math.max(lastEndMs - oldest.sinceMs, nowMs - lastEndMs, 1);
      return (ends * 1000) / ms;
    },
  };
}
