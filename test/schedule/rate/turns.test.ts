import { describe, expect, test } from 'vitest';
import type { Rate } from '../../../src/core/clock.ts';
import { createHouse, type House, type Visit } from '../house.ts';

const perSecond = (calls: number): Rate => ({ calls, perMs: 1_000 });
/** So many reads of a key, no two of them the same. */
const reads = (count: number, visit: Visit): Visit[] =>
  Array.from({ length: count }, (_, n) => ({ ...visit, note: `${visit.key} ${n}` }));
const startsOf = ({ sent }: House, key?: string): number[] =>
  sent.flatMap(({ visit, atMs }) => (key === undefined || visit.key === key ? [atMs] : []));
const nothing = { lockNodes: 0, ready: 0, slots: 0, passthrough: 0 };

describe('[rate] the turns of a server with a rate', () => {
  test('come when the window opens, however long the calls take that had the ones before', async () => {
    for (const own of [{}, { bindsPassthrough: true }]) {
      const house = createHouse({ servers: { a: { rate: perSecond(2), ...own }, b: {} } });
      if ('bindsPassthrough' in own)
        for (const visit of reads(6, { key: 'a', ms: 10_000 })) void house.passthrough(visit);
      else void house.batch(reads(6, { key: 'a', ms: 10_000 }));
      await house.clock.runOut();
      expect(startsOf(house)).toEqual([0, 0, 1_000, 1_000, 2_000, 2_000]);
    }
  });

  test('are not for calls that would only wait for locks: neither other clients nor the rest of the batch wait with them', async () => {
    const house = createHouse({ servers: { a: { rate: perSecond(5) }, b: { rate: perSecond(5) } } });
    void house.passthrough({ key: 'a/x', class: 'write', ms: 60_000 });
    await house.clock.pass(2_000);
    const visits = [...reads(3, { key: 'a/x' }), ...reads(2, { key: 'a/y' }), ...reads(4, { key: 'b/y' })];
    void house.batch(visits, { maxParallel: 3 });
    await house.clock.pass(10);
    void house.passthrough({ key: 'a/y', note: 'alone' });
    await house.clock.runOut();
    expect(startsOf(house, 'a/y').every((atMs) => atMs < 3_100)).toBe(true);
    expect(startsOf(house, 'b/y').every((atMs) => atMs < 3_100)).toBe(true);
    expect(
      startsOf(house, 'a/x')
        .slice(1)
        .every((atMs) => atMs >= 60_000),
    ).toBe(true);
    expect(house.scheduler.load()).toEqual(nothing);
  });

  test('come at last to a write whose locks are always taken, since it then stands in line for them', async () => {
    const house = createHouse({ servers: { a: { rate: { calls: 100, perMs: 1_000 } }, b: {} } });
    // Reads that overlap without end, from a stream that is longer than the write should wait.
    for (let n = 0; n < 400; n++) {
      house.clock.after(n * 20, () => void house.passthrough({ key: 'a/x/1', ms: 50, note: `${n}` }));
    }
    house.clock.after(100, () => void house.passthrough({ key: 'a/x', class: 'write' }));
    await house.clock.runOut();
    expect(startsOf(house, 'a/x')[0]).toBeLessThan(4_000);
  });

  test('are given back by whoever is cancelled, at whatever moment; and nothing is sent after it', async () => {
    for (let moment = 0; moment < 30; moment++) {
      const house = createHouse({ servers: { a: { rate: perSecond(3), bindsPassthrough: true }, b: {} } });
      const client = new AbortController();
      void house.batch([{ key: 'a/x' }, { key: 'a/y' }, { key: 'b' }], { signal: client.signal });
      void house.passthrough({ key: 'b' }, client.signal);
      void house.passthrough({ key: 'a/x', note: 'alone' }, client.signal);
      for (let n = 0; n < moment; n++) await Promise.resolve();
      client.abort();
      const sent = house.sent.length;
      await house.clock.runOut();
      expect(house.sent).toHaveLength(sent);
      // A window is whole again.
      await house.clock.pass(1_000);
      const fromMs = house.clock.now();
      void house.batch(reads(3, { key: 'a' }));
      await house.clock.runOut();
      expect(startsOf(house).filter((atMs) => atMs >= fromMs)).toEqual([fromMs, fromMs, fromMs]);
      expect(house.scheduler.load()).toEqual(nothing);
    }
  });

  test('are not needed for a result from the cache, and are waited for where that has gone in the meantime', async () => {
    const house = createHouse({ servers: { a: { rate: perSecond(1) }, b: {} } });
    void house.passthrough({ key: 'a/x', cacheMs: 60_000 });
    await house.clock.pass(1_000);
    void house.passthrough({ key: 'a/x', class: 'write', ms: 500 });
    await house.clock.pass(10);
    const first = house.passthrough({ key: 'a/y', cacheMs: 60_000 });
    await house.clock.pass(2_000);
    const again = house.passthrough({ key: 'a/y', cacheMs: 60_000 });
    await house.clock.pass(10);
    expect(await again).toMatchObject({ cached: true });
    expect(await first).not.toHaveProperty('cached');
    await house.clock.runOut();
    expect(startsOf(house)).toEqual([0, 1_000, 2_000]);
    expect(house.scheduler.load()).toEqual(nothing);
  });

  test('a cached result that a write drops while its reader waits for locks is asked for anew, in its turn', async () => {
    const house = createHouse({ servers: { a: { rate: perSecond(3), maxParallel: 1, maxParallelWrites: 1 }, b: {} } });
    void house.passthrough({ key: 'a/x', cacheMs: 60_000 });
    await house.clock.pass(1_500);
    // The one slot is taken, so the write waits with its locks, and the reader behind it.
    void house.batch([{ key: 'a/y', ms: 5_000 }]);
    await house.clock.pass(10);
    void house.batch([{ key: 'a/x', class: 'write' }]);
    await house.clock.pass(10);
    const read = house.passthrough({ key: 'a/x', cacheMs: 60_000 });
    await house.clock.runOut();
    expect(await read).not.toHaveProperty('cached');
    expect(house.sent.map(({ visit }) => `${visit.class ?? 'read'} ${visit.key}`)).toEqual([
      'read a/x',
      'read a/y',
      'write a/x',
      'read a/x',
    ]);
    expect(house.scheduler.load()).toEqual(nothing);
    expect(house.clock.timers()).toBe(0);
  });
});
