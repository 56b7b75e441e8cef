import { expect, test } from 'vitest';
import { createLineTurns } from '../../../src/upstream/transport/line-turns.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function turns() {
  const taken: string[] = [];
  const held: boolean[] = [];
  const lines = createLineTurns({ take: (line) => taken.push(line), hold: (isHeld) => held.push(isHeld) });
  return { taken, held, lines };
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => String(n));

test('what a server says in one go is handed on at once', () => {
  const { taken, held, lines } = turns();
  for (const line of numbers(50)) lines.push(line);
  expect(taken).toEqual(numbers(50));
  expect(held).toEqual([]);
});

test('of a flood 50 lines are handed on in a turn, so that others have theirs, and its reader waits meanwhile', async () => {
  const { taken, held, lines } = turns();
  for (const line of numbers(120)) lines.push(line);
  expect(taken).toHaveLength(50);
  expect(held).toEqual([true]);
  await nextTurn();
  expect(taken).toHaveLength(100);
  expect(held).toEqual([true]);
  await nextTurn();
  expect(taken).toEqual(numbers(120));
  expect(held).toEqual([true, false]);
});

test('a line that comes while others wait is not handed on before them', async () => {
  const { taken, lines } = turns();
  for (const line of numbers(60)) lines.push(line);
  setImmediate(() => lines.push('60'));
  await nextTurn();
  await nextTurn();
  await nextTurn();
  expect(taken).toEqual(numbers(61));
});

test('of a server that is closed nothing more is handed on', async () => {
  const { taken, held, lines } = turns();
  for (const line of numbers(120)) lines.push(line);
  lines.close();
  await nextTurn();
  expect(taken).toHaveLength(50);
  expect(held).toEqual([true]);
});
