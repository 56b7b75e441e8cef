import { expect, test } from 'vitest';
import type { Process } from '../../../src/upstream/processes/census.ts';
import { findStrays } from '../../../src/upstream/processes/find-strays.ts';

const family = { leader: 10, mark: 'run.1' };
const one = (pid: number, parent: number, group: number, mark?: string): Process => ({
  pid,
  parent,
  group,
  born: '1',
  ...(mark !== undefined && { mark }),
});
const strays = (...census: Process[]): number[] => findStrays(census, family).map(({ pid }) => pid);

test('members of the group are no strays; their children elsewhere are, however far down and in whatever order', () => {
  expect(strays(one(13, 12, 13), one(12, 11, 12), one(11, 10, 10), one(10, 1, 10))).toEqual([13, 12]);
});

test('the mark is enough, and so is a group that one with the mark leads', () => {
  expect(strays(one(20, 1, 20, 'run.1'), one(21, 1, 20))).toEqual([20, 21]);
});

test('another child of the same run, and processes of others, are not among them', () => {
  expect(strays(one(20, 1, 20, 'run.11'), one(21, 20, 21), one(1, 0, 1), one(30, 1, 30))).toEqual([]);
});
