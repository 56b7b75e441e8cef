import { expect, test } from 'vitest';
import { createReloader } from '../../../src/cli/serve/reloader.ts';

/** A run that ends when the test says so. */
function held() {
  let started = 0;
  const ends: (() => void)[] = [];
  const reloader = createReloader(() => {
    started += 1;
    return new Promise<void>((resolve) => ends.push(resolve));
  });
  const end = async (): Promise<void> => {
    ends.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { reloader, end, started: () => started };
}

test('never reloads twice at a time, and any number of requests during one lead to one more', async () => {
  const { reloader, end, started } = held();
  reloader.request();
  expect(reloader.isOutdated()).toBe(false);
  for (let more = 0; more < 20; more += 1) reloader.request();
  expect([started(), reloader.isOutdated()]).toEqual([1, true]);
  await end();
  expect([started(), reloader.isOutdated()]).toEqual([2, false]);
  await end();
  expect(started()).toBe(2);
  reloader.request();
  expect(started()).toBe(3);
});

test('begins nothing after its end', async () => {
  const { reloader, end, started } = held();
  reloader.request();
  reloader.request();
  reloader.close();
  await end();
  reloader.request();
  expect(started()).toBe(1);
});
