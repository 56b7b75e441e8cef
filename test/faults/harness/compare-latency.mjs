import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile } from './check.mjs';

const rounds = 3;
/** Between two calls of one lane: a client that thinks a little. */
const pauseMs = 4;

/**
 * How much slower calls are while something goes on: quiet and busy spans by turns, since what else the machine does changes in the course
 * of a minute. `call()` makes one call, checks its answer and resolves with its time; `disturb(ms)` keeps something going for so long.
 * @returns `quietMs` and `busyMs`, the median over the rounds of the 99th percentile, `slowerMs` and how many `calls` it rests on
 */
export async function compareLatency({ call, disturb, spanMs, lanes = 1 }) {
  const measure = async (ms) => {
    const took = [];
    const endMs = performance.now() + ms;
    const lane = async () => {
      while (performance.now() < endMs) {
        took.push(await call());
        await sleep(pauseMs);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return took;
  };
  await measure(300);
  const [quiet, busy] = [[], []];
  let calls = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = await measure(spanMs);
    const going = disturb(spanMs);
    const amid = await measure(spanMs);
    await going;
    quiet.push(percentile(before, 0.99));
    busy.push(percentile(amid, 0.99));
    calls += amid.length;
  }
  const [quietMs, busyMs] = [median(quiet), median(busy)];
  return { quietMs, busyMs, slowerMs: Math.max(0, busyMs - quietMs), calls };
}
