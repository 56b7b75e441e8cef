import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCoalescer } from '../../../src/upstream/pace/coalesce.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function counted(runMs = 0) {
  const runs: number[] = [];
  const startedMs = performance.now();
  const coalescer = createCoalescer({
    minGapMs: 2000,
    run: async () => {
      runs.push(performance.now() - startedMs);
      if (runMs > 0) await new Promise((resolve) => setTimeout(resolve, runMs));
    },
  });
  return { coalescer, runs };
}

test('the first trigger runs at once, a storm of them at most once per gap, the last one included', async () => {
  const { coalescer, runs } = counted();
  for (let i = 0; i < 500; i += 1) {
    coalescer.trigger();
    await vi.advanceTimersByTimeAsync(10);
  }
  await vi.advanceTimersByTimeAsync(10_000);
  expect(runs).toEqual([0, 2000, 4000, 6000]);
});

test('a trigger during a run is not lost, and runs do not overlap', async () => {
  const { coalescer, runs } = counted(5000);
  coalescer.trigger();
  await vi.advanceTimersByTimeAsync(4000);
  coalescer.trigger();
  coalescer.trigger();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(runs).toEqual([0, 5000]);
});

test('after close nothing runs any more', async () => {
  const { coalescer, runs } = counted();
  coalescer.trigger();
  coalescer.trigger();
  coalescer.close();
  await vi.advanceTimersByTimeAsync(10_000);
  coalescer.trigger();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(runs).toEqual([0]);
  expect(vi.getTimerCount()).toBe(0);
});
