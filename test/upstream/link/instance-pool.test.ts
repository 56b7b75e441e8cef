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

const waitMs = 10_000;
const nobody = (): undefined => undefined;
const close = (): void => {};
/** One whose server remembers a client. */
const worn = (): Instance => ({ ...instance(), isWorn: () => true });

/** Fails on a reason why there is none. */
async function taken(got: Instance | string | Promise<Instance | string>): Promise<Instance> {
  const one = await got;
  if (typeof one === 'string') throw new Error(one);
  return one;
}

test('requests one after the other all go where their clients hear of changes, and only those that overlap elsewhere', async () => {
  const home = instance();
  const pool = createInstancePool({ home: () => home, open: instance, close, waitMs });
  for (let n = 0; n < 3; n++) {
    expect(pool.take(undefined)).toBe(home);
    pool.giveBack(home);
  }
  expect(pool.take(undefined)).toBe(home);
  const other = await taken(pool.take(undefined));
  expect(other).not.toBe(home);
  pool.giveBack(home);
  expect(pool.take(undefined)).toBe(home);
  pool.giveBack(other);
  expect(pool.take(undefined)).toBe(other);
});

test('requests wait for the home where there is no other connection', async () => {
  const home = instance();
  const pool = createInstancePool({ home: () => home, open: () => 'too many', close, waitMs });
  expect(pool.take(undefined)).toBe(home);
  const waiting = pool.take(undefined);
  pool.giveBack(home);
  expect(await waiting).toBe(home);
});

test('requests in excess wait for a connection in the order in which they came; one that is cancelled leaves the line', async () => {
  const pool = createInstancePool({ home: nobody, open: instance, close, waitMs });
  const all = await Promise.all(Array.from({ length: 8 }, () => taken(pool.take(undefined))));
  const [one, two, three] = all;
  expect(new Set(all).size).toBe(8);
  const abort = new AbortController();
  const left = pool.take(abort.signal);
  const [first, second] = [pool.take(undefined), pool.take(undefined)];
  abort.abort();
  expect(await left).toBe('the request was cancelled');
  pool.giveBack(one!);
  pool.giveBack(two!);
  expect([await first, await second]).toEqual([one, two]);
  pool.giveBack(three!);
  expect(pool.take(undefined)).toBe(three);
});

test('where no connection can be made at all, the reason comes at once; where some were, requests wait for those', async () => {
  const made = instance();
  const answers = ['too many', made, 'too many'];
  const pool = createInstancePool({ home: nobody, open: () => answers.shift() ?? 'too many', close, waitMs });
  expect(pool.take(undefined)).toBe('too many');
  expect(pool.take(undefined)).toBe(made);
  const waiting = pool.take(undefined);
  pool.giveBack(made);
  expect(await waiting).toBe(made);
});

test('a request that waits too long is told that the others wait for answers', async () => {
  const pool = createInstancePool({ home: nobody, open: instance, close, waitMs: 5 });
  for (let n = 0; n < 8; n += 1) void pool.take(undefined);
  expect(await pool.take(undefined)).toContain('wait for their clients’ answers');
});

test('a connection that has asked a question is closed after its request; whoever waits gets a fresh one', async () => {
  const closed: Instance[] = [];
  const pool = createInstancePool({ home: nobody, open: worn, close: (one) => closed.push(one), waitMs });
  const all = await Promise.all(Array.from({ length: 8 }, () => taken(pool.take(undefined))));
  const waiting = pool.take(undefined);
  pool.giveBack(all[0]!);
  expect(closed).toEqual([all[0]]);
  expect(all).not.toContain(await taken(waiting));
});

test('requests whose clients are being asked are not in the way of others, up to 32 connections', async () => {
  const pool = createInstancePool({ home: nobody, open: instance, close, waitMs });
  const eight = await Promise.all(Array.from({ length: 8 }, () => taken(pool.take(undefined))));
  const waiting = pool.take(undefined);
  pool.setAsking(eight[0]!, true);
  const ninth = await taken(waiting);
  expect(eight).not.toContain(ninth);
  for (const one of [...eight.slice(1), ninth]) pool.setAsking(one, true);
  for (let n = 9; n < 32; n += 1) pool.setAsking(await taken(pool.take(undefined)), true);
  let isServed = false;
  const last = Promise.resolve(pool.take(undefined)).then((got) => {
    isServed = true;
    return got;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isServed).toBe(false);
  pool.giveBack(ninth);
  expect(await last).toBe(ninth);
});

test('a connection whose question has been answered counts again, also where several were open', async () => {
  const pool = createInstancePool({ home: nobody, open: instance, close, waitMs: 5 });
  const eight = await Promise.all(Array.from({ length: 8 }, () => taken(pool.take(undefined))));
  for (const isAsking of [true, true, false]) pool.setAsking(eight[0]!, isAsking);
  const ninth = await taken(pool.take(undefined));
  expect(await pool.take(undefined)).toBeTypeOf('string');
  pool.giveBack(ninth);
  await taken(pool.take(undefined));
  pool.setAsking(eight[0]!, false);
  expect(await pool.take(undefined)).toContain('wait for their clients’ answers');
});

test('a thousand requests may wait, and no more', () => {
  const pool = createInstancePool({ home: nobody, open: instance, close, waitMs });
  for (let n = 0; n < 1008; n += 1) void pool.take(undefined);
  expect(pool.take(undefined)).toContain('more than 1000 requests');
});

test('the process bears 256 connections of single clients; the next one is told why it has none, until one is closed', async () => {
  // Started without a server behind it: `start` is ours to leave out.
  const own = createOwnInstances({
    open() {
      const made = instance();
      return { ...made, upstream: { ...made.upstream, start: () => {} } };
    },
    retire: () => Promise.resolve(),
  });
  const like = { shared: instance(), capabilities: {}, onChange() {} };
  const [first] = await Promise.all(Array.from({ length: 256 }, () => taken(own.open(server, like))));
  expect(own.open(server, like)).toContain('more than 256');
  own.close(first!);
  expect(own.open(server, like)).not.toBeTypeOf('string');
  await own.closeAll();
});
