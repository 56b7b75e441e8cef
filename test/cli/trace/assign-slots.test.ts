import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignSlots } from '../../../src/cli/trace/assign-slots.ts';

describe('slots in a trace', () => {
  test('are taken from the lowest that is free', () => {
    const runs = [
      { startedMs: 0, runMs: 10 },
      { startedMs: 0, runMs: 30 },
      { startedMs: 10, runMs: 5 },
      { startedMs: 12, runMs: 5 },
    ];
    expect(assignSlots(runs).map(({ slot }) => slot)).toEqual([1, 2, 1, 3]);
  });

  test('are not more than there were because times are rounded', () => {
    // The first ended at 10.4, and was shown as 0.6 + 9.8.
    const runs = [
      { startedMs: 1, runMs: 10 },
      { startedMs: 10, runMs: 5 },
    ];
    expect(assignSlots(runs)).toEqual([
      { slot: 1, shownMs: 9 },
      { slot: 1, shownMs: 5 },
    ]);
  });

  test('never hold two calls at once, and take a millisecond from a call at most', () => {
    const anyRun = fc.record({ startedMs: fc.nat(50), runMs: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(anyRun, { maxLength: 40 }), (runs) => {
        const placed = assignSlots(runs).map((place, index) => ({ ...place, ...runs[index]! }));
        for (const { slot, shownMs, runMs } of placed) {
          expect(slot).toBeGreaterThan(0);
          expect(runMs - shownMs).toBeLessThanOrEqual(1);
        }
        const ordered = placed.toSorted((a, b) => a.startedMs - b.startedMs || a.shownMs - b.shownMs);
        ordered.forEach((run, index) => {
          const next = ordered.slice(index + 1).find(({ slot }) => slot === run.slot);
          if (next) expect(run.startedMs + run.shownMs).toBeLessThanOrEqual(next.startedMs);
        });
      }),
    );
  });
});
