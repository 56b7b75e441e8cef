import { expect, test } from 'vitest';
import { createStandingCount } from '../../../src/upstream/link/standing-count.ts';

test('a server is said to be disconnected when the last of its connections has ended, and each time anew', async () => {
  const told: string[] = [];
  const count = createStandingCount((server) => told.push(server));
  const [first, second, other] = [gate(), gate(), gate()];
  count.add('files', first.ended);
  count.add('files', second.ended);
  count.add('memory', other.ended);
  first.end();
  await Promise.resolve();
  expect(told).toEqual([]);
  second.end();
  await Promise.resolve();
  expect(told).toEqual(['files']);
  const third = gate();
  count.add('files', third.ended);
  third.end();
  await Promise.resolve();
  expect(told).toEqual(['files', 'files']);
});

function gate(): { ended: Promise<void>; end: () => void } {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { ended, end };
}
