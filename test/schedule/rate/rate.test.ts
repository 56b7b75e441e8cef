import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rate } from '../../../src/core/clock.ts';
import { createHouse, type House, type Visit } from '../house.ts';

const perSecond = (calls: number): Rate => ({ calls, perMs: 1_000 });
const repeat = (count: number, visit: Visit): Visit[] => Array.from({ length: count }, () => visit);
const startsOf = ({ sent }: House): number[] => sent.map(({ atMs }) => atMs);
const nothing = { lockNodes: 0, ready: 0, slots: 0, passthrough: 0 };

describe('[rate] a server with a rate', () => {
  test('is sent so many calls in any window of that length, and the others wait their turn', async () => {
    const house = createHouse({ servers: { a: { rate: perSecond(3) }, b: {} } });
    const batch = house.batch(repeat(8, { key: 'a' }));
    await house.clock.runOut();
    expect(startsOf(house)).toEqual([0, 0, 0, 1_000, 1_000, 1_000, 2_000, 2_000]);
    expect((await batch).every(({ status }) => status === 'ok')).toBe(true);
    expect(house.scheduler.load()).toEqual(nothing);
    expect(house.clock.timers()).toBe(0);
  });

  test('counts in sliding windows: two bursts around the turn of a second are not let through', async () => {
    const house = createHouse({ servers: { a: { rate: perSecond(2) }, b: {} } });
    house.clock.after(900, () => void house.batch(repeat(2, { key: 'a' })));
    house.clock.after(1_000, () => void house.batch(repeat(2, { key: 'a' })));
    await house.clock.runOut();
    expect(startsOf(house)).toEqual([900, 900, 1_900, 1_900]);
  });

  test('counts batches and calls by themselves together', async () => {
    const house = createHouse({ servers: { a: { rate: perSecond(2) }, b: {} } });
    void house.passthrough({ key: 'a' });
    void house.batch(repeat(2, { key: 'a' }));
    await house.clock.pass(1);
    void house.passthrough({ key: 'a' });
    await house.clock.runOut();
    expect(startsOf(house)).toEqual([0, 0, 1_000, 1_000]);
    expect(house.scheduler.load()).toEqual(nothing);
  });

  test('does not bind calls by themselves to slots that the user did not set', async () => {
    const house = createHouse({ servers: { a: { maxParallel: 1, maxParallelWrites: 1, rate: perSecond(5) }, b: {} } });
    for (let number = 0; number < 6; number++) void house.passthrough({ key: 'a', ms: 5_000 });
    await house.clock.runOut();
    expect(startsOf(house)).toEqual([0, 0, 0, 0, 0, 1_000]);
  });

  test('lets the calls of other servers pass: what waits for it holds no slot', async () => {
    const house = createHouse({ maxParallel: 2, servers: { a: { rate: perSecond(1) }, b: {} } });
    void house.batch([...repeat(4, { key: 'a' }), { key: 'b' }], { maxParallel: 1 });
    await house.clock.runOut();
    expect(house.sent.map(({ visit, atMs }) => `${visit.key} ${atMs}`)).toEqual([
      'a 0',
      'b 10',
      'a 1000',
      'a 2000',
      'a 3000',
    ]);
  });

  test('gives turns to calls of equal standing in the order in which they came', async () => {
    const house = createHouse({ servers: { a: { rate: perSecond(1) }, b: {} } });
    void house.passthrough({ key: 'a/y' });
    void house.passthrough({ key: 'a/x', class: 'write' });
    void house.passthrough({ key: 'a/x' });
    await house.clock.runOut();
    expect(house.sent.map(({ visit, atMs }) => `${visit.class ?? 'read'} ${visit.key} ${atMs}`)).toEqual([
      'read a/y 0',
      'write a/x 1000',
      'read a/x 2000',
    ]);
  });

  test('does not let a timeout count while a call waits for its turn', async () => {
    const house = createHouse({ servers: { a: { rate: perSecond(1) }, b: {} } });
    const batch = house.batch(repeat(3, { key: 'a', ms: 10, timeoutMs: 20 }));
    await house.clock.runOut();
    expect((await batch).map(({ status, queuedMs, runMs }) => [status, queuedMs, runMs])).toEqual([
      ['ok', 0, 10],
      ['ok', 1_000, 10],
      ['ok', 2_000, 10],
    ]);
  });

  test('a call that waits for its turn can be given up, and leaves no timer behind', async () => {
    const house = createHouse({ servers: { a: { rate: perSecond(1) }, b: {} } });
    const client = new AbortController();
    void house.passthrough({ key: 'a', ms: 0 });
    const waiting = house.passthrough({ key: 'a' }, client.signal);
    const batch = house.batch(repeat(3, { key: 'a' }), { signal: client.signal });
    await house.clock.pass(100);
    expect(house.clock.timers()).toBe(2);
    client.abort();
    expect(await waiting).toMatchObject({ status: 'cancelled', attempts: 0, queuedMs: 100 });
    expect((await batch).map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(house.clock.timers()).toBe(0);
    expect(house.scheduler.load()).toEqual(nothing);
  });

  test('one timer serves all who wait, on however many servers', async () => {
    const house = createHouse({ servers: { a: { rate: perSecond(1) }, b: { rate: { calls: 1, perMs: 700 } } } });
    for (let number = 0; number < 5; number++) {
      void house.passthrough({ key: 'a', ms: 0 });
      void house.passthrough({ key: 'b', ms: 0 });
    }
    await house.clock.pass(10);
    expect(house.clock.timers()).toBe(1);
    await house.clock.runOut();
    const starts = (key: string): number[] =>
      house.sent.filter(({ visit }) => visit.key === key).map(({ atMs }) => atMs);
    expect(starts('a')).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
    expect(starts('b')).toEqual([0, 700, 1_400, 2_100, 2_800]);
  });
});

test('[isolation] who waits for the rate of a server holds up no other server, not even where it would lock everything', async () => {
  const house = createHouse({ servers: { a: { rate: { calls: 1, perMs: 3_600_000 } }, b: {} } });
  void house.batch([{ key: 'a' }]);
  await house.clock.pass(10_000);
  void house.batch([{ key: 'a', class: 'write', locks: 'root' }]);
  await house.clock.pass(10);
  void house.batch([{ key: 'b' }]);
  await house.clock.pass(1_000);
  expect(house.sent.map(({ atMs }) => atMs)).toEqual([0, 10_010]);
  await house.clock.runOut();
  expect(house.sent.map(({ atMs }) => atMs)).toEqual([0, 10_010, 3_600_000]);
  expect(house.scheduler.load()).toEqual(nothing);
});

test('[rate] whatever comes when and is cancelled: never more in any window, all are sent in the end, nothing is left', async () => {
  const drawn = fc.record({
    calls: fc.integer({ min: 1, max: 6 }),
    perMs: fc.integer({ min: 1, max: 400 }),
    batches: fc.array(
      fc.record({
        size: fc.integer({ min: 1, max: 20 }),
        // Shorter than the window, and longer.
        ms: fc.integer({ min: 0, max: 1_000 }),
        atMs: fc.integer({ min: 0, max: 500 }),
        cancelMs: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined, freq: 3 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    single: fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 10 }),
  });
  await fc.assert(
    fc.asyncProperty(drawn, async ({ calls, perMs, batches, single }) => {
      const house = createHouse({ servers: { a: { rate: { calls, perMs } }, b: {} } });
      let expected = single.length;
      for (const { size, ms, atMs, cancelMs } of batches) {
        const client = new AbortController();
        if (cancelMs === undefined) expected += size;
        else house.clock.after(atMs + cancelMs, () => client.abort());
        house.clock.after(atMs, () => void house.batch(repeat(size, { key: 'a', ms }), { signal: client.signal }));
      }
      for (const atMs of single) house.clock.after(atMs, () => void house.passthrough({ key: 'a' }));
      await house.clock.runOut();
      const starts = startsOf(house);
      for (const [position, atMs] of starts.entries()) {
        const later = starts[position + calls];
        if (later !== undefined) expect(later - atMs).toBeGreaterThanOrEqual(perMs);
      }
      expect(starts.length).toBeGreaterThanOrEqual(expected);
      expect(house.scheduler.load()).toEqual(nothing);
      expect(house.clock.timers()).toBe(0);
    }),
    { numRuns: 300 },
  );
}, 60_000);

describe('[fair] a batch of 5 beside a batch of 1,000 takes at most twice its time alone', () => {
  const few: Visit[] = repeat(5, { key: 'a', ms: 100 });
  /** How long the 5 take that are sent so long after the 1,000 of a server. */
  const timeOf = async (options: Parameters<typeof createHouse>[0], beside?: { key: string; afterMs: number }) => {
    const house = createHouse(options);
    if (beside !== undefined) {
      void house.batch(repeat(1_000, { key: beside.key, ms: 100 }));
      await house.clock.pass(beside.afterMs);
    }
    const startMs = house.clock.now();
    let tookMs = Number.NaN;
    void house.batch(few).then(() => (tookMs = house.clock.now() - startMs));
    await house.clock.runOut();
    return tookMs;
  };

  test.each([0, 1, 50, 99, 1_030])('on the same server and on another one, sent %i ms after it', async (afterMs) => {
    const alone = await timeOf({});
    expect(alone).toBe(100);
    expect(await timeOf({}, { key: 'a', afterMs })).toBeLessThanOrEqual(2 * alone);
    expect(await timeOf({}, { key: 'b', afterMs })).toBeLessThanOrEqual(2 * alone);
  });

  test.each([0, 1, 500, 999, 7_300])('under a rate, sent %i ms after it', async (afterMs) => {
    const paced = { servers: { a: { rate: perSecond(2) }, b: { rate: perSecond(2) } } };
    const alone = await timeOf(paced);
    expect(alone).toBe(2_100);
    expect(await timeOf(paced, { key: 'a', afterMs })).toBeLessThanOrEqual(2 * alone);
    expect(await timeOf(paced, { key: 'b', afterMs })).toBe(alone);
  });

  test('nor does a stream of calls by themselves starve a batch under a rate', async () => {
    const house = createHouse({ servers: { a: { rate: perSecond(4) }, b: {} } });
    void house.batch(repeat(20, { key: 'a' }), { batchId: 'batch' });
    for (let number = 0; number < 400; number++) {
      house.clock.after(number * 100, () => void house.passthrough({ key: 'a' }));
    }
    await house.clock.pass(40_000);
    expect(house.sent.filter(({ batch }) => batch === 'batch')).toHaveLength(20);
  });
});
