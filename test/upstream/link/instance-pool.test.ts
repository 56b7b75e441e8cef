import { expect, test } from 'vitest';
import type { Instance } from '../../../src/upstream/instance/instance.ts';
import { createInstance } from '../../../src/upstream/instance/instance.ts';
import { createInstancePool } from '../../../src/upstream/link/instance-pool.ts';
import { createOwnInstances } from '../../../src/upstream/link/own-instances.ts';
import { fixture, serverConfig, silent } from '../support.ts';

const server = serverConfig(fixture('hang.mjs'));
const asking = { has: () => true, add: () => {} };
/** One that is never started. */
const instance = (): Instance => createInstance({ server, logger: silent, asking });

const nobody = (): undefined => undefined;

test('requests one after the other all go where their clients hear of changes, and only those that overlap elsewhere', () => {
  const home = instance();
  const pool = createInstancePool({ home: () => home, open: instance });
  for (let n = 0; n < 3; n++) {
    expect(pool.take(undefined)).toBe(home);
    pool.giveBack(home);
  }
  expect(pool.take(undefined)).toBe(home);
  const other = pool.take(undefined) as Instance;
  expect(other).not.toBe(home);
  pool.giveBack(home);
  expect(pool.take(undefined)).toBe(home);
  pool.giveBack(other);
  expect(pool.take(undefined)).toBe(other);
});

test('requests wait for the home where there is no other connection', async () => {
  const home = instance();
  const pool = createInstancePool({ home: () => home, open: () => 'too many' });
  expect(pool.take(undefined)).toBe(home);
  const waiting = pool.take(undefined);
  pool.giveBack(home);
  expect(await waiting).toBe(home);
});

test('requests in excess wait for a connection in the order in which they came; one that is cancelled leaves the line', async () => {
  const pool = createInstancePool({ home: nobody, open: instance });
  const taken = await Promise.all(Array.from({ length: 4 }, () => pool.take(undefined)));
  expect(new Set(taken).size).toBe(4);
  const abort = new AbortController();
  const left = pool.take(abort.signal);
  const [first, second] = [pool.take(undefined), pool.take(undefined)];
  abort.abort();
  expect(await left).toBe('the request was cancelled');
  for (const one of taken.slice(0, 2)) pool.giveBack(one as Instance);
  expect(await Promise.all([first, second])).toEqual(taken.slice(0, 2));
  pool.giveBack(taken[2] as Instance);
  expect(pool.take(undefined)).toBe(taken[2]);
});

test('where no connection can be made at all, the reason comes at once; where some were, requests wait for those', async () => {
  const made = instance();
  const answers = ['too many', made, 'too many'];
  const pool = createInstancePool({ home: nobody, open: () => answers.shift() ?? 'too many' });
  expect(pool.take(undefined)).toBe('too many');
  expect(pool.take(undefined)).toBe(made);
  const waiting = pool.take(undefined);
  pool.giveBack(made);
  expect(await waiting).toBe(made);
});

test('a thousand requests may wait, and no more', () => {
  const pool = createInstancePool({ home: nobody, open: instance });
  for (let n = 0; n < 1004; n += 1) void pool.take(undefined);
  expect(pool.take(undefined)).toContain('more than 1000 requests');
});

test('the process bears 256 connections of single clients; the next one is told why it has none, until one is closed', async () => {
  // Started without a server behind it: `start` is ours to leave out.
  const own = createOwnInstances(() => {
    const made = instance();
    return { ...made, upstream: { ...made.upstream, start: () => {} } };
  });
  const like = { shared: instance(), capabilities: {}, onChange() {} };
  const opened = Array.from({ length: 256 }, () => own.open(server, like));
  expect(opened.filter((one) => typeof one === 'string')).toEqual([]);
  expect(own.open(server, like)).toContain('more than 256');
  own.close(opened[0] as Instance);
  expect(own.open(server, like)).not.toBeTypeOf('string');
  await own.closeAll();
});
