import fc from 'fast-check';
import { expect, test } from 'vitest';
import { peakOf } from '../../../src/cli/journal/peak-of.ts';

test.each([
  { title: 'nothing', runs: [], peak: 0 },
  { title: 'one that took no time', runs: [[0, 0]], peak: 1 },
  {
    title: 'one after the other',
    runs: [
      [0, 10],
      [10, 10],
    ],
    peak: 1,
  },
  {
    title: 'two at once',
    runs: [
      [0, 10],
      [9, 10],
    ],
    peak: 2,
  },
])('of $title $peak ran at once', ({ runs, peak }) => {
  expect(peakOf(runs.map(([startedMs = 0, runMs = 0]) => ({ startedMs, runMs })))).toBe(peak);
});

test('is what counting at every start finds', () => {
  const run = fc.record({ startedMs: fc.nat(20), runMs: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 15 }), (runs) => {
      const at = (ms: number): number =>
        runs.filter((one) => one.startedMs <= ms && ms < one.startedMs + one.runMs).length;
      expect(peakOf(runs)).toBe(Math.max(0, ...runs.map(({ startedMs }) => at(startedMs))));
    }),
  );
});
