import { expect, test } from 'vitest';
import { locksForKeys, modesConflict, renderLock, touchedLocks, type LockMode } from '../../src/core/lock.ts';

const rendered = (...keys: [string[], LockMode][]): string[] =>
  locksForKeys(keys.map(([key, mode]) => ({ key, mode }))).map(renderLock);

test('a key takes its own lock, and the matching intention on everything above it, root first', () => {
  expect(rendered([['files', 'a', 'b'], 'S'])).toEqual(['IS (everything)', 'IS files', 'IS files/a', 'S files/a/b']);
  expect(rendered([['files'], 'X'])).toEqual(['IX (everything)', 'X files']);
  expect(rendered([[], 'X'])).toEqual(['X (everything)']);
});

test('several keys take one lock per node, the stronger of those wanted', () => {
  expect(rendered([['f', 'a'], 'S'], [['f', 'b'], 'X'])).toEqual(['IX (everything)', 'IX f', 'S f/a', 'X f/b']);
  expect(rendered([['f'], 'S'], [['f', 'b'], 'X'])).toEqual(['IX (everything)', 'X f', 'X f/b']);
  expect(rendered([['f', 'a'], 'S'], [['f', 'a'], 'X'])).toContain('X f/a');
});

test('a slash inside a segment makes no deeper key', () => {
  expect(rendered([['f', 'a/b'], 'S']).at(-1)).toBe('S f/a~1b');
});

test('readers share, intentions share, and a writer shares with nobody', () => {
  const modes: LockMode[] = ['IS', 'IX', 'S', 'X'];
  const compatible = modes.flatMap((a) => modes.filter((b) => !modesConflict(a, b)).map((b) => `${a} ${b}`));
  expect(compatible).toEqual(['IS IS', 'IS IX', 'IS S', 'IX IS', 'IX IX', 'S IS', 'S S']);
});

test('an intention with nothing below it touches all that lies there; one on the way to a key does not', () => {
  const touched = (...keys: [string[], LockMode][]): string[] =>
    touchedLocks(locksForKeys(keys.map(([key, mode]) => ({ key, mode })))).map(renderLock);
  expect(touched([['f'], 'IS'])).toEqual(['IS (everything)', 'S f']);
  expect(touched([['f'], 'IX'])).toEqual(['IX (everything)', 'X f']);
  expect(touched([['f', 'a'], 'S'], [['f', 'b'], 'X'])).toEqual(['IX (everything)', 'IX f', 'S f/a', 'X f/b']);
  expect(touched([['f', 'a'], 'X'], [['g'], 'IX'])).toEqual(['IX (everything)', 'IX f', 'X f/a', 'X g']);
  expect(touched([['f'], 'S'], [['ff', 'a'], 'S'])).toEqual(['IS (everything)', 'S f', 'IS ff', 'S ff/a']);
  expect(touched([[], 'IX'])).toEqual(['X (everything)']);
  expect(touchedLocks([])).toEqual([]);
});
