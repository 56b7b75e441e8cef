import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/core/outcome.ts';
import { createResultCache } from '../../../src/schedule/cache/result-cache.ts';
import { createHouse, seenIn, type House, type Visit } from '../house.ts';

const minute = 60_000;
const read: Visit = { key: 'a/x/1', cacheMs: minute };

/** One passthrough call to its end. */
async function ask(house: House, visit: Visit): Promise<Outcome> {
  const outcome = house.passthrough(visit);
  await house.clock.pass(visit.ms ?? 10);
  return outcome;
}

const isCached = async (house: House, visit: Visit): Promise<boolean> => (await ask(house, visit)).cached === true;

describe('[cache] the result of a read is used again', () => {
  test('for an identical call that comes soon after: nothing is sent', async () => {
    const house = createHouse();
    const first = await ask(house, read);
    const again = await ask(house, read);
    expect(first).not.toHaveProperty('cached');
    expect(again).toEqual({ ...first, attempts: 0, queuedMs: 0, runMs: 0, startedMs: 0, cached: true });
    expect(again.result).toBe(first.result);
    expect(house.sent).toHaveLength(1);
  });

  test('in a batch what a single call has read, and the other way round', async () => {
    const house = createHouse();
    await ask(house, read);
    const batch = house.batch([read, { ...read, key: 'a/y' }]);
    await house.clock.runOut();
    expect((await batch).map(({ cached }) => cached)).toEqual([true, undefined]);
    expect(await isCached(house, { ...read, key: 'a/y' })).toBe(true);
  });

  test('not beyond its time, which counts from when it was sent', async () => {
    const house = createHouse();
    await ask(house, { ...read, ms: 1_000 });
    await house.clock.pass(minute - 1_000);
    expect(await isCached(house, { ...read, ms: 0 })).toBe(true);
    await house.clock.pass(1);
    expect(await isCached(house, read)).toBe(false);
  });

  test('for as long as the later call allows', async () => {
    const house = createHouse();
    await ask(house, { ...read, cacheMs: minute });
    await house.clock.pass(100);
    expect(await isCached(house, { ...read, cacheMs: 50 })).toBe(false);
    const { cacheMs: _, ...uncached } = read;
    expect(await isCached(house, uncached)).toBe(false);
  });

  test('not where it was an error or did not come, nor where arguments differ', async () => {
    const house = createHouse();
    await ask(house, { ...read, answer: 'isError' });
    await ask(house, { ...read, answer: 'refused' });
    await ask(house, { ...read, answer: 'never', timeoutMs: 5 });
    expect(await isCached(house, read)).toBe(false);
    expect(await isCached(house, { ...read, note: 'other' })).toBe(false);
    expect(await isCached(house, read)).toBe(true);
  });

  test('whatever the order of its arguments', async () => {
    const house = createHouse();
    const call = { ...house.call(read), arguments: { b: { d: 1, c: [2] }, a: null } };
    const send = () => Promise.resolve({ ok: true as const, result: { content: [] } });
    await house.scheduler.runPassthrough(call, { send });
    const other = { ...call, arguments: { a: null, b: { c: [2], d: 1 } } };
    expect(await house.scheduler.runPassthrough(other, { send })).toMatchObject({ cached: true });
  });
});

describe('[cache] a write drops what it touches', () => {
  test('the next read sees what was written', async () => {
    const house = createHouse();
    await ask(house, read);
    await ask(house, { key: 'a/x/1', class: 'write' });
    const after = await ask(house, read);
    expect(after.cached).toBeUndefined();
    expect(seenIn(after)).toBe('[1]');
  });

  test('and all below and above it, but nothing beside it', async () => {
    const house = createHouse();
    const keys = ['a', 'a/x', 'a/x/1', 'a/x/2', 'a/y', 'b/x'];
    for (const key of keys) await ask(house, { ...read, key });
    await ask(house, { key: 'a/x', class: 'destructive' });
    const still: string[] = [];
    for (const key of keys) if (await isCached(house, { ...read, key })) still.push(key);
    expect(still).toEqual(['a/y', 'b/x']);
  });

  test('one without a lock rule, sent by itself, drops all of its domain, and a read without one is dropped by any there', async () => {
    const house = createHouse();
    await ask(house, read);
    await ask(house, { ...read, key: 'b/x' });
    await ask(house, { key: 'a/y', class: 'write', locks: 'domain' });
    expect(await isCached(house, read)).toBe(false);
    expect(await isCached(house, { ...read, key: 'b/x' })).toBe(true);
    const loose: Visit = { ...read, locks: 'domain' };
    await ask(house, { ...loose, note: 'loose' });
    await ask(house, { key: 'a/y', class: 'write' });
    expect(await isCached(house, { ...loose, note: 'loose' })).toBe(false);
  });

  test('a read that ran beside it is not kept, whichever of the two began first', async () => {
    const house = createHouse();
    const loose: Visit = { ...read, locks: 'domain', ms: 30, effectMs: 5 };
    const write: Visit = { key: 'a/x/1', class: 'write', locks: 'domain', ms: 10 };
    void house.passthrough(loose);
    await house.clock.pass(10);
    await ask(house, write);
    await house.clock.pass(30);
    expect(await isCached(house, loose)).toBe(false);
    await house.clock.pass(30);
    void house.passthrough({ ...write, ms: 100 });
    await ask(house, { ...loose, note: 'second' });
    expect(await isCached(house, { ...loose, note: 'second' })).toBe(false);
  });

  test('where its end was not learnt, nothing that it touches is kept for five minutes after', async () => {
    const house = createHouse();
    await ask(house, { key: 'a/x', class: 'write', answer: 'lost' });
    const long: Visit = { ...read, cacheMs: 60 * minute };
    await ask(house, long);
    expect(await isCached(house, long)).toBe(false);
    await ask(house, { ...long, key: 'a/y' });
    expect(await isCached(house, { ...long, key: 'a/y' })).toBe(true);
    await house.clock.pass(5 * minute);
    await ask(house, long);
    expect(await isCached(house, long)).toBe(true);
  });

  test.each(['isError', 'refused'] as const)('one that its server answered (%s) leaves no doubt', async (answer) => {
    const house = createHouse();
    await ask(house, { key: 'a/x/1', class: 'write', answer });
    await ask(house, read);
    expect(await isCached(house, read)).toBe(true);
  });

  test('a barrier drops everything', async () => {
    const house = createHouse();
    await ask(house, read);
    await ask(house, { ...read, key: 'b/x' });
    await ask(house, { key: 'a', class: 'write', locks: 'root' });
    expect([await isCached(house, read), await isCached(house, { ...read, key: 'b/x' })]).toEqual([false, false]);
  });

  test('where it locks nothing, it drops nothing; a read that locks nothing lives by its time alone', async () => {
    const house = createHouse();
    const free: Visit = { ...read, locks: 'none', note: 'free' };
    await ask(house, read);
    await ask(house, { key: 'a/x/1', class: 'write', locks: 'none' });
    expect(await isCached(house, read)).toBe(true);
    await ask(house, free);
    await ask(house, { key: 'a', class: 'write' });
    expect(await isCached(house, free)).toBe(true);
  });
});

describe('[cache] a call that needs not be sent', () => {
  test('takes no slot, no part of a rate, and fires no timeout', async () => {
    const house = createHouse({
      servers: { a: { maxParallel: 1, bindsPassthrough: true, rate: { calls: 2, perMs: minute } }, b: {} },
    });
    await ask(house, read);
    void house.passthrough({ key: 'a/y', ms: 1_000 });
    await house.clock.pass(1);
    expect(await isCached(house, { ...read, ms: 0 })).toBe(true);
    await house.clock.runOut();
    expect(house.sent).toHaveLength(2);
  });

  test('lets its successors go: a thousand one after the other', async () => {
    const house = createHouse();
    const write: Visit = { key: 'a/y', class: 'write' };
    await ask(house, read);
    const visits = [...Array.from({ length: 999 }, () => read), write];
    const plan = house.batch(visits, { maxParallel: 1 });
    await house.clock.runOut();
    const outcomes = await plan;
    expect(outcomes.filter(({ cached }) => cached === true)).toHaveLength(999);
    expect(outcomes.at(-1)).toMatchObject({ status: 'ok', attempts: 1 });
    expect(house.scheduler.load()).toEqual({ lockNodes: 0, ready: 0, slots: 0, passthrough: 0 });
  });

  test('is cancelled like any other', async () => {
    const house = createHouse();
    await ask(house, read);
    const client = new AbortController();
    const outcome = house.passthrough(read, client.signal);
    client.abort();
    expect(await outcome).toMatchObject({ status: 'cancelled', attempts: 0 });
    expect(house.scheduler.load()).toEqual({ lockNodes: 0, ready: 0, slots: 0, passthrough: 0 });
  });
});

test('[cache] what a server has answered is forgotten when it says that it changed, reads on their way included', async () => {
  const house = createHouse();
  await ask(house, read);
  await ask(house, { ...read, key: 'b/x' });
  void house.passthrough({ ...read, key: 'a/y' });
  house.scheduler.forget('a');
  await house.clock.pass(10);
  expect(await isCached(house, read)).toBe(false);
  expect(await isCached(house, { ...read, key: 'a/y' })).toBe(false);
  expect(await isCached(house, { ...read, key: 'b/x' })).toBe(true);
});

test('[cache] an answer that is only a question back is not kept', async () => {
  const house = createHouse();
  const call = house.call(read);
  const send = () =>
    Promise.resolve({ ok: true as const, result: { resultType: 'input_required', inputRequests: {} } });
  await house.scheduler.runPassthrough(call, { send });
  expect(await isCached(house, read)).toBe(false);
});

describe('what is kept is bounded', () => {
  /** A cache, and what puts the result of a read of so many characters into it. */
  function createStore() {
    const house = createHouse();
    const cache = createResultCache(house.clock);
    const callOf = (note: string) => house.call({ ...read, note });
    const put = (note: string, chars: number): void => {
      const result = { content: [{ type: 'text', text: 'x'.repeat(chars) }] };
      const end = { status: 'ok', applied: 'no', attempts: 1, queuedMs: 0, runMs: 1, startedMs: 0 } as const;
      cache.watch(callOf(note))!.settled({ ...end, result });
    };
    return { put, has: (note: string): boolean => cache.find(callOf(note)) !== undefined };
  }

  test('to 1,000 results: the one that was used longest ago goes first', () => {
    const { put, has } = createStore();
    for (let number = 0; number < 1_000; number++) put(`${number}`, 1);
    expect(has('0')).toBe(true);
    put('one more', 1);
    expect([has('0'), has('1'), has('2'), has('one more')]).toEqual([true, false, true, true]);
  });

  test('to 32 MB in all, and 1 MB each', () => {
    const { put, has } = createStore();
    put('too long', 1024 * 1024 + 1);
    expect(has('too long')).toBe(false);
    for (let number = 0; number < 40; number++) put(`${number}`, 1_000_000);
    const kept = Array.from({ length: 40 }, (_, number) => number).filter((number) => has(`${number}`));
    expect(kept).toEqual(Array.from({ length: 33 }, (_, place) => place + 7));
  });
});
