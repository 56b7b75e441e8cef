import { describe, expect, test } from 'vitest';
import { lowerBound } from '../../bench/lower-bound.mjs';

const jobs = (...list: (number | [number, string])[]): { ms: number; server: string }[] =>
  list.map((job) => (typeof job === 'number' ? { ms: job, server: 's' } : { ms: job[0], server: job[1] }));

describe('the lower bound that the benchmark compares with', () => {
  test('calls that touch nothing of each other are bound by the slots of the batch', () => {
    expect(lowerBound({ jobs: jobs(...Array<number>(20).fill(10)), pairs: [], maxParallel: 8 })).toEqual({
      ms: 25,
      binds: '8 slots',
    });
  });

  test('one slow call binds where it takes longer than all others together on the slots', () => {
    expect(lowerBound({ jobs: jobs(100, 10, 10, 10), pairs: [], maxParallel: 4 })).toEqual({ ms: 100, binds: 'chain' });
  });

  test('calls that must follow each other add up, in whatever order their pairs are named', () => {
    const pairs = [
      [2, 3],
      [0, 2],
    ] as const;
    expect(lowerBound({ jobs: jobs(10, 1, 20, 30), pairs, maxParallel: 8 })).toEqual({ ms: 60, binds: 'chain' });
  });

  test('a server that takes one call at a time binds while the others have time to spare', () => {
    const batch = jobs([10, 'narrow'], [10, 'narrow'], [10, 'narrow'], [10, 'wide'], [10, 'wide']);
    expect(lowerBound({ jobs: batch, pairs: [], maxParallel: 8, serverCaps: { narrow: 1 } })).toEqual({
      ms: 30,
      binds: 'narrow',
    });
  });

  test('what must come before and after all work of a server is added to it', () => {
    // 0 before, 1 to 4 on the server that takes two, 5 after.
    const batch = jobs(5, [10, 't'], [10, 't'], [10, 't'], [10, 't'], 7);
    const pairs = [1, 2, 3, 4].flatMap((middle): [number, number][] => [
      [0, middle],
      [middle, 5],
    ]);
    expect(lowerBound({ jobs: batch, pairs, maxParallel: 8, serverCaps: { t: 2 } })).toEqual({ ms: 32, binds: 't' });
  });

  test('a server is never allowed more calls than the batch has slots', () => {
    expect(lowerBound({ jobs: jobs(10, 10, 10, 10), pairs: [], maxParallel: 2, serverCaps: { s: 100 } }).ms).toBe(20);
  });
});
