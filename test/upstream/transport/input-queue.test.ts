import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createInputQueue } from '../../../src/upstream/transport/input-queue.ts';

const stallMs = 30_000;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A reader that takes one write at a time, when told. */
function open() {
  const taken: (() => void)[] = [];
  const input = new Writable({
    decodeStrings: false,
    write: (_piece, _encoding, done) => void taken.push(done),
  });
  let stalls = 0;
  const queue = createInputQueue({ input, stallMs, onStall: () => (stalls += 1) });
  const take = async (): Promise<void> => {
    taken.shift()?.();
    await new Promise(setImmediate);
  };
  return { queue, take, stalls: () => stalls };
}

const line = `${'x'.repeat(1_000_000)}\n`;

test('a reader that takes nothing is noticed after exactly the limit, however much is still sent to it', async () => {
  const { queue, stalls } = open();
  queue.push(line);
  for (let second = 0; second < 29; second += 1) {
    await vi.advanceTimersByTimeAsync(1000);
    queue.push('{}\n');
  }
  await vi.advanceTimersByTimeAsync(999);
  expect(stalls()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(stalls()).toBe(1);
});

test('the limit begins anew with every piece of a long line that is taken', async () => {
  const { queue, take, stalls } = open();
  queue.push(line);
  for (let piece = 0; piece < 10; piece += 1) {
    await vi.advanceTimersByTimeAsync(stallMs - 1);
    await take();
  }
  expect(stalls()).toBe(0);
  expect(queue.waiting()).toBeGreaterThan(100_000);
  await vi.advanceTimersByTimeAsync(stallMs);
  expect(stalls()).toBe(1);
});

test('nothing is timed while nothing waits, and at the end', async () => {
  const { queue, take } = open();
  queue.push('{}\n');
  expect(vi.getTimerCount()).toBe(1);
  await take();
  expect([vi.getTimerCount(), queue.waiting()]).toEqual([0, 0]);
  queue.push('{}\n');
  queue.end();
  expect(vi.getTimerCount()).toBe(0);
});

test('what is sent arrives whole and in order, long lines and the last ones before the end too', async () => {
  const input = new PassThrough();
  const queue = createInputQueue({ input, stallMs, onStall() {} });
  const lines = ['{"a":1}\n', `${'ä€😀'.repeat(100_000)}\n`, '{"b":2}\n', line, '{"c":3}\n'];
  for (const one of lines) queue.push(one);
  queue.end();
  expect(await text(input)).toBe(lines.join(''));
  expect(vi.getTimerCount()).toBe(0);
});
