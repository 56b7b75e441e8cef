import { expect, test } from 'vitest';
import { describeLocks } from '../../../src/cli/render/lock-words.ts';
import { locksForKeys } from '../../../src/core/lock.ts';

test('says what is held, and how, and leaves out what only stands above it', () => {
  const keys = [
    { key: ['files', 'tmp', 'a.txt'], mode: 'X' },
    { key: ['files', 'tmp', 'b~/c'], mode: 'S' },
  ] as const;
  expect(describeLocks(locksForKeys(keys))).toEqual(['files/tmp/a.txt exclusively', 'files/tmp/b~/c shared']);
});

test('calls the root everything', () => {
  expect(describeLocks(locksForKeys([{ key: [], mode: 'X' }]))).toEqual(['everything exclusively']);
  expect(describeLocks([])).toEqual([]);
});
