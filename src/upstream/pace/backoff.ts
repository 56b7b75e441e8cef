const firstMs = 500;
const longestMs = 8000;

/** From this many failures in a row on, a server is said to be in a crash loop and tried at `slowMs` only. */
export const crashLoopFailures = 5;
const slowMs = 30_000;

/**
 * How long to wait before the next connection, after `failures` in a row (at least 1): 0.5 s doubling to 8 s, then 30 s. `random`
 * (0 to 1) takes up to a fifth off, so that servers which fell together do not rise together.
 */
export function backoffMs(failures: number, random: number): number {
  const wholeMs = failures >= crashLoopFailures ? slowMs : Math.min(longestMs, firstMs * 2 ** (failures - 1));
  return wholeMs * (1 - random / 5);
}
