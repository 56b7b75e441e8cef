const firstMs = 500;
const longestMs = 8000;
const slowMs = 30_000;
const hourlyMs = 3_600_000;

/** Five waits, from half a second to eight: who has failed once more is not to be found by waiting a little longer. */
const crashLoopFailures = 6;

/** What becomes of an upstream that could not be connected, or whose connection ended. */
export interface Retry {
  waitMs: number;
  /** Why there is no connection, in words, with what mends it where time alone will not. */
  reason: string;
  isCrashLoop: boolean;
}

export interface FailureFacts {
  /** In a row; at least 1. */
  failures: number;
  /** Why it failed last, in words. */
  reason: string;
  /**
   * A process of ours that ends by itself, or cannot be started, will do so again until somebody mends it. A server elsewhere is mended
   * by others, and one that is slow to start may make it the next time.
   */
  isOursToMend: boolean;
  /** 0 to 1: takes up to a fifth off, so that servers which fell together do not rise together. */
  random: number;
}

/** How long to wait before the next connection: 0.5 s doubling to 8 s, then 30 s; of what is ours to mend, an hour. */
export function planRetry({ failures, reason, isOursToMend, random }: FailureFacts): Retry {
  const isLate = failures >= crashLoopFailures;
  const isCrashLoop = isLate && isOursToMend;
  const lateMs = isCrashLoop ? hourlyMs : slowMs;
  const wholeMs = isLate ? lateMs : Math.min(longestMs, firstMs * 2 ** (failures - 1));
  const mend = 'fix the server, then reload (SIGHUP) or restart; it is tried again within the hour';
  return {
    waitMs: wholeMs * (1 - random / 5),
    reason: isCrashLoop ? `crash loop, ${failures} failures in a row: ${reason}; ${mend}` : reason,
    isCrashLoop,
  };
}
