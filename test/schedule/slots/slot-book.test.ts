import { expect, test } from 'vitest';
import { createSlotBook } from '../../../src/schedule/slots/slot-book.ts';

test('a server that is gone has no free slot, and asking for one harms nobody', () => {
  const caps = { maxParallel: 1, maxParallelWrites: 1 };
  const book = createSlotBook({ maxParallel: 8, caps: new Map([['a', caps]]) });
  const need = { server: 'a', isWrite: false, process: true };
  expect(book.hasFree(need)).toBe(true);
  book.apply({ maxParallel: 8, caps: new Map() });
  expect(book.hasFree(need)).toBe(false);
  expect(book.knows('a')).toBe(false);
});
