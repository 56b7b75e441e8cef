import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPatternWarmer } from '../../src/app/pattern-warmer.ts';
import type { Tool } from '../../src/core/tool.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const plain: Tool = { name: 'a', inputSchema: { type: 'object', properties: { x: { type: 'string' } } } };
const patterned: Tool = { name: 'b', inputSchema: { properties: { x: { type: 'string', pattern: '^a+$' } } } };

test('patterns are made ready once, as soon as a tool has one, and never where none has', () => {
  let taken = 0;
  const warmer = createPatternWarmer(function* steps() {
    taken += 1;
    yield;
    taken += 1;
  });
  warmer.look(() => [plain]);
  vi.advanceTimersByTime(1000);
  expect(taken).toBe(0);
  warmer.look(() => [plain, patterned]);
  // The list of tools is answered first.
  expect(taken).toBe(0);
  vi.advanceTimersToNextTimer();
  // A step in each turn.
  expect(taken).toBe(1);
  vi.advanceTimersByTime(1000);
  warmer.look(() => [plain, patterned, { ...patterned }]);
  vi.advanceTimersByTime(1000);
  expect(taken).toBe(2);
});

test('nothing is timed once it is closed', () => {
  const warmer = createPatternWarmer();
  warmer.look(() => [patterned]);
  warmer.close();
  expect(vi.getTimerCount()).toBe(0);
});
