import { describe, expect, test } from 'vitest';
import { conflictPairs, move, read, unannotated, write } from '../../bench/calls.mjs';
import { countViolations } from '../../bench/count-violations.mjs';
import { createStore, serialValues } from '../../bench/store.mjs';

const at = (startMs: number, endMs: number, ...seen: number[]): { startMs: number; endMs: number; seen: number[] } => ({
  startMs,
  endMs,
  seen,
});

describe('which calls of the benchmark must keep their order', () => {
  test('a write and what reads or writes the same file after it, on the same server only', () => {
    const calls = [write('a', '/f', 1), read('a', '/f', 1), read('a', '/f', 1), read('b', '/f', 1), read('a', '/g', 1)];
    expect(conflictPairs(calls)).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });

  test('a directory and what is below it, but not what only begins with the same letters', () => {
    const calls = [write('a', '/dir', 1), read('a', '/dir/f', 1), read('a', '/dirt', 1)];
    expect(conflictPairs(calls)).toEqual([[0, 1]]);
  });

  test('a move and both of its ends; a tool of which nothing is known and everything on its server', () => {
    const calls = [move('a', '/f', '/g', 1), read('a', '/g', 1), unannotated('a', 0, 1), unannotated('b', 0, 1)];
    expect(conflictPairs(calls)).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
  });
});

describe('what the calls of the benchmark see', () => {
  test('one by one, each sees the last write before it; a failed write leaves nothing', () => {
    const calls = [
      read('a', '/f', 1),
      write('a', '/f', 1),
      write('a', '/f', 1, { fail: true }),
      read('a', '/f', 1),
      unannotated('a', 0, 1),
      read('a', '/f', 1),
    ];
    expect(serialValues(calls)).toEqual([[], [], [1], [1], [1], [4]]);
  });

  test('writes that touch nothing of each other leave the same behind in either order', () => {
    const [one, other] = [write('a', '/f', 1), write('a', '/g', 1)];
    const forwards = createStore();
    forwards.commit(one, 0);
    forwards.commit(other, 1);
    const backwards = createStore();
    backwards.commit(other, 1);
    backwards.commit(one, 0);
    const all = unannotated('a', 0, 1);
    expect(backwards.see(all)).toEqual(forwards.see(all));
    expect(forwards.see(all)).toEqual([0, 1]);
  });
});

describe('what counts as wrong in a run', () => {
  const pairs = [[0, 1]] as const;
  const expected = [[], [0]];

  test('nothing, where the later call began after the earlier had ended and saw what it wrote', () => {
    const records = [at(0, 10), at(10, 20, 0)];
    expect(countViolations({ pairs, records, expected })).toEqual({ outOfOrder: 0, overlaps: 0, wrongValues: 0 });
  });

  test('a pair that changed places, and the call that saw too little', () => {
    const records = [at(10, 20), at(0, 10)];
    expect(countViolations({ pairs, records, expected })).toEqual({ outOfOrder: 1, overlaps: 0, wrongValues: 1 });
  });

  test('a pair that ran at the same time, whichever began first', () => {
    for (const records of [
      [at(0, 10), at(5, 15, 0)],
      [at(5, 15), at(0, 10, 0)],
    ])
      expect(countViolations({ pairs, records, expected })).toEqual({ outOfOrder: 0, overlaps: 1, wrongValues: 0 });
  });

  test('a call that was never served is lost, but out of order with nobody', () => {
    const records = [undefined, at(0, 10, 0)];
    expect(countViolations({ pairs, records, expected })).toEqual({ outOfOrder: 0, overlaps: 0, wrongValues: 0 });
  });
});
