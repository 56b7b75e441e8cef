import { expect, test, vi } from 'vitest';
import { Aborter } from '../../src/core/abort.ts';

test('listeners hear of the abort once, in the order in which they came, and not after they were removed', () => {
  const aborter = new Aborter();
  const heard: string[] = [];
  const removed = vi.fn<() => void>();
  aborter.addEventListener('abort', () => heard.push('first'));
  aborter.addEventListener('abort', removed);
  aborter.addEventListener('abort', () => heard.push('second'));
  aborter.removeEventListener('abort', removed);
  expect(aborter.aborted).toBe(false);
  aborter.abort();
  aborter.abort();
  expect(aborter.aborted).toBe(true);
  expect(heard).toEqual(['first', 'second']);
  expect(removed).not.toHaveBeenCalled();
});
