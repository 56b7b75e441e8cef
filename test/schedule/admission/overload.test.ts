import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/core/plan.ts';
import { createStage, type Sketch, type Stage } from '../stage.ts';
import { nothing, start, type Started } from '../start.ts';

const few: Sketch[] = Array.from({ length: 5 }, () => ({ server: 'a', ms: 40 }));
const many = (count: number, sketch: Sketch): Sketch[] => Array.from({ length: count }, () => sketch);

/** As a client's batch arrives: refused, or started. */
function offer(
  stage: Stage,
  sketches: readonly Sketch[],
  options: Partial<Plan> & { backgroundMs?: () => number } = {},
) {
  const { backgroundMs: _, ...plan } = options;
  return stage.scheduler.refusal(stage.plan('batch', sketches, plan)) === undefined
    ? start(stage, sketches, options)
    : undefined;
}

const isDone = ({ reply }: Started): boolean => reply?.every(({ status }) => status === 'ok') === true;

describe('under more work than can be done', () => {
  test('four times of it for half a minute: more than four fifths of what can be done is done in time, the rest is refused at once, and 3 s later all is as before', async () => {
    const stage = createStage({ maxParallel: 8, servers: { a: { maxParallel: 8 } } });
    const options = { deadlineMs: 3_000, backgroundMs: () => 600_000 };
    const seconds = 30;
    const taken: Started[] = [];
    let offered = 0;
    // 8 slots and 5 calls of 40 ms: 40 batches a second.
    for (; offered < seconds * 160; offered++) {
      const started = offer(stage, few, options);
      if (started !== undefined) taken.push(started);
      await stage.clock.pass(offered % 4 === 3 ? 7 : 6);
    }
    const done = taken.filter((one) => isDone(one) && one.replyMs! <= stage.clock.now());
    expect(done.length).toBeGreaterThan(0.9 * seconds * 40 - 3 * 40);
    expect(offered - taken.length).toBeGreaterThan(2 * seconds * 40);
    await stage.clock.pass(3_000);
    // Who was taken was served: hardly one had to be left to the background.
    expect(taken.filter((one) => !isDone(one)).length).toBeLessThan(taken.length / 50);
    const sentMs = stage.clock.now();
    const probe = offer(stage, few, options)!;
    await stage.clock.pass(1_000);
    expect(probe.replyMs! - sentMs).toBeLessThan(100);
    await stage.clock.runOut();
    expect(stage.scheduler.load()).toEqual(nothing);
  }, 60_000);

  test('a server that is crowded keeps nobody from the others', async () => {
    const stage = createStage();
    for (let batch = 0; batch < 10; batch++) start(stage, many(100, { server: 'a', ms: 500 }));
    await stage.clock.pass(5_000);
    const on = (server: string): Sketch[] => many(100, { server, ms: 500 });
    expect(offer(stage, on('a'), { deadlineMs: 10_000 })).toBeUndefined();
    expect(offer(stage, on('b'), { deadlineMs: 10_000 })).toBeDefined();
    expect(offer(stage, [...on('a'), { server: 'b', ms: 1 }], { deadlineMs: 10_000 })).toBeDefined();
  });

  test('writes wait for the slots of writes, and reads do not', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 8, maxParallelWrites: 1 }, b: { maxParallel: 8 } } });
    const writes = many(50, { server: 'a', class: 'write', ms: 500 });
    for (let batch = 0; batch < 4; batch++) start(stage, writes);
    await stage.clock.pass(10_000);
    expect(offer(stage, writes, { deadlineMs: 20_000 })).toBeUndefined();
    expect(offer(stage, many(50, { server: 'a', ms: 500 }), { deadlineMs: 20_000 })).toBeDefined();
  });
});

describe('under little work no batch is refused', () => {
  test('that is alone, however slow its server is', async () => {
    const stage = createStage();
    for (let round = 0; round < 3; round++) {
      const alone = offer(stage, many(100, { server: 'a', ms: 20_000 }), {
        deadlineMs: 1_000,
        backgroundMs: () => 600_000,
      });
      expect(alone).toBeDefined();
      await stage.clock.runOut();
    }
  });

  test('that is small, beside a large one that takes minutes', async () => {
    const stage = createStage();
    start(stage, many(1_000, { server: 'a', ms: 1_000 }), { deadlineMs: 50_000, backgroundMs: () => 600_000 });
    await stage.clock.pass(60_000);
    const small = offer(stage, few, { deadlineMs: 5_000 })!;
    const sentMs = stage.clock.now();
    await stage.clock.pass(10_000);
    expect(isDone(small)).toBe(true);
    expect(small.replyMs! - sentMs).toBeLessThan(3_000);
  });

  test('that finds a free slot, whatever waits for something else than slots', async () => {
    const stage = createStage();
    for (let batch = 0; batch < 5; batch++) start(stage, many(100, { key: 'a/one', class: 'write', ms: 1_000 }));
    await stage.clock.pass(20_000);
    expect(offer(stage, few, { deadlineMs: 2_000 })).toBeDefined();
  });
});
