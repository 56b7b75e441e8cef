/** Times are whole milliseconds, and a call that took less than one has run all the same. */
const leastMs = 0.5;

/** How many of these ran at one moment at most. One that starts as another ends runs after it. */
export function peakOf(runs: readonly { startedMs: number; runMs: number }[]): number {
  const steps = runs.flatMap(({ startedMs, runMs }) => [
    { atMs: startedMs, by: 1 },
    { atMs: startedMs + Math.max(leastMs, runMs), by: -1 },
  ]);
  steps.sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let running = 0;
  let peak = 0;
  for (const { by } of steps) {
    running += by;
    peak = Math.max(peak, running);
  }
  return peak;
}
