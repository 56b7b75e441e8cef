import { quantile } from '../median.mjs';

/**
 * Calls of several ways one at a time, in turns, so that a slow moment hits all alike.
 * @returns of each way the median and the 95th percentile of `calls` calls in milliseconds, and the median's ratio to the first way's
 */
export async function takeTurns(ways, { calls, warmUp, turn }) {
  const samples = new Map(ways.map(({ name }) => [name, []]));
  for (let done = -warmUp; done < calls; done += turn) {
    for (const { name, call } of ways) {
      for (let n = 0; n < turn; n++) {
        const startMs = performance.now();
        await call();
        if (done >= 0) samples.get(name).push(performance.now() - startMs);
      }
    }
  }
  const directMs = quantile([...samples.values()][0]);
  return [...samples].map(([name, took]) => {
    const medianMs = quantile(took);
    return { name, medianMs, p95Ms: quantile(took, 0.95), ratio: medianMs / directMs };
  });
}
