/** Before a stream that broke off is taken up again. */
export const resumeAfterMs = [500, 1000, 2000, 4000, 8000, 8000];

const shortestMs = 100;
const longestMs = 60_000;

/** The pause that a server asks for instead, by `retry:`: neither none at all, nor one until tomorrow. */
export function boundRetry(askedMs: number): number {
  return Math.min(Math.max(askedMs, shortestMs), longestMs);
}
