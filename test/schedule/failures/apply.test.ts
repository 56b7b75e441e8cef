import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { SchedulerServer } from '../../../src/schedule/scheduler.ts';
import { createStage, type Sketch, type Stage } from '../stage.ts';
import { nothing, sendings, start } from '../start.ts';

const server = (more: Partial<SchedulerServer> = {}): SchedulerServer => ({
  maxParallel: 8,
  maxParallelWrites: 8,
  bindsPassthrough: false,
  ...more,
});
const apply = (stage: Stage, servers: Record<string, SchedulerServer>, maxParallel = 32): void =>
  stage.scheduler.apply({ maxParallel, servers: new Map(Object.entries(servers)) });
const repeat = (count: number, sketch: Sketch): Sketch[] => Array.from({ length: count }, () => sketch);
const startsOf = (stage: Stage): number[] => stage.executions.map(({ startMs }) => startMs);

describe('[reload] a cap that is changed while calls run', () => {
  test('raised, lets those that wait start at once', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 1 }, b: { maxParallel: 1 } } });
    start(stage, repeat(4, { server: 'a', ms: 100 }));
    await stage.clock.pass(10);
    apply(stage, { a: server({ maxParallel: 3 }), b: server() });
    await stage.clock.runOut();
    expect(startsOf(stage)).toEqual([0, 10, 10, 100]);
    expect(stage.scheduler.load()).toEqual(nothing);
  });

  test('lowered, holds for those that wait; what runs keeps its slot', async () => {
    const stage = createStage();
    const started = start(stage, repeat(6, { server: 'a', ms: 100 }), { maxParallel: 3 });
    await stage.clock.pass(10);
    apply(stage, { a: server({ maxParallel: 1 }), b: server() });
    await stage.clock.runOut();
    expect(startsOf(stage)).toEqual([0, 0, 0, 100, 200, 300]);
    expect(started.ended?.every(({ status }) => status === 'ok')).toBe(true);
  });

  test('is one of writes, or of the whole process, as well', async () => {
    const stage = createStage();
    start(stage, repeat(3, { server: 'a', class: 'write', ms: 100 }));
    await stage.clock.pass(10);
    apply(stage, { a: server({ maxParallelWrites: 1 }), b: server() }, 2);
    start(stage, [...repeat(3, { server: 'b', ms: 50 })], { name: 'other' });
    start(stage, repeat(2, { server: 'a', class: 'write', ms: 100 }), { name: 'writes' });
    await stage.clock.runOut();
    expect(sendings(stage).slice(3)).toEqual([
      'other c0 100',
      'writes c0 100',
      'other c1 150',
      'writes c1 200',
      'other c2 200',
    ]);
  });

  test('binds passthrough calls from then on', async () => {
    const stage = createStage();
    apply(stage, { a: server({ maxParallel: 1, bindsPassthrough: true }), b: server() });
    const one: Sketch = { server: 'a', ms: 10 };
    for (const name of ['p', 'q']) {
      void stage.scheduler.runPassthrough(stage.call(one), { send: stage.send(name, [one]) });
    }
    await stage.clock.runOut();
    expect(startsOf(stage)).toEqual([0, 10]);
  });
});

describe('[reload] a rate that is changed while calls wait for it', () => {
  const paced = { maxParallel: 8, rate: { calls: 1, perMs: 1_000 } };

  test('raised, lets them start by the new one, which counts what was sent before', async () => {
    const stage = createStage({ servers: { a: paced, b: { maxParallel: 8 } } });
    start(stage, repeat(4, { server: 'a', ms: 1 }));
    await stage.clock.pass(100);
    apply(stage, { a: server({ rate: { calls: 2, perMs: 1_000 } }), b: server() });
    await stage.clock.runOut();
    expect(startsOf(stage)).toEqual([0, 100, 1_000, 1_100]);
  });

  test('taken away, lets all of them start', async () => {
    const stage = createStage({ servers: { a: paced, b: { maxParallel: 8 } } });
    start(stage, repeat(4, { server: 'a', ms: 1 }));
    await stage.clock.pass(100);
    apply(stage, { a: server(), b: server() });
    await stage.clock.runOut();
    expect(startsOf(stage)).toEqual([0, 100, 100, 100]);
    expect(stage.clock.timers()).toBe(0);
    expect(stage.scheduler.load()).toEqual(nothing);
  });

  test('given, binds those that have not started', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 1 }, b: { maxParallel: 8 } } });
    start(stage, [
      { key: 'a/f', class: 'write', ms: 10 },
      { key: 'a/f', class: 'write', ms: 10 },
      { key: 'a/f', class: 'write', ms: 10 },
    ]);
    await stage.clock.pass(5);
    apply(stage, { a: server({ rate: { calls: 1, perMs: 1_000 } }), b: server() });
    await stage.clock.runOut();
    expect(startsOf(stage)).toEqual([0, 10, 1_010]);
  });
});

describe('[reload] a server that is taken away', () => {
  test('finishes what it runs; what waits for it ends as an unknown tool, wherever it waits', async () => {
    const rate = { calls: 1, perMs: 60_000 };
    const stage = createStage({
      servers: { a: { maxParallel: 2 }, b: { maxParallel: 8 }, c: { maxParallel: 8, rate } },
    });
    const mayRepeat = { times: 2, afterTimeout: false };
    const started = start(stage, [
      { key: 'a/1', class: 'write', ms: 500 },
      { key: 'a/2', answer: 'busy', retryAfterMs: 10_000, mayRepeat },
      { key: 'a/1', class: 'write' },
      { key: 'a/3', ms: 300 },
      { key: 'a/4' },
      { key: 'c', class: 'write' },
      { key: 'c/1' },
      { key: 'b', needs: [{ back: 3, when: 'ok' }] },
    ]);
    await stage.clock.pass(50);
    const one: Sketch = { key: 'a/1', class: 'write' };
    const passthrough = stage.scheduler.runPassthrough(stage.call(one), { send: stage.send('p', [one]) });
    await stage.clock.pass(50);
    apply(stage, { b: server() });
    await stage.clock.pass(0);
    expect(await passthrough).toMatchObject({ status: 'invalid', applied: 'no', error: { code: 'unknown_tool' } });
    expect(stage.executions).toHaveLength(4);
    await stage.clock.runOut();
    expect(started.ended?.map(({ status, error }) => error?.code ?? status)).toEqual([
      'ok',
      // It had been sent, and waited to be sent again.
      'upstream_error',
      'unknown_tool',
      'ok',
      'unknown_tool',
      'ok',
      'unknown_tool',
      'dependency_failed',
    ]);
    expect(started.ended?.[2]).toMatchObject({ status: 'invalid', attempts: 0, queuedMs: 500 });
    expect(started.ended?.[4]).toMatchObject({ status: 'invalid', attempts: 0, queuedMs: 100 });
    expect(stage.scheduler.load()).toEqual(nothing);
    expect(stage.clock.timers()).toBe(0);
  });

  test.each([
    ['a call of a batch', undefined],
    ['a passthrough call', false],
    ['a passthrough call in a slot', true],
  ] as const)('loses %s that was under way and fails on the way, and nothing else', async (_, bindsPassthrough) => {
    const own = { maxParallel: 8, bindsPassthrough: bindsPassthrough === true };
    const stage = createStage({ servers: { a: own, b: { maxParallel: 8 } } });
    const mayRepeat = { times: 2, afterTimeout: false };
    const one: Sketch = { key: 'a', ms: 100, answer: 'lost', mayRepeat };
    const ended: { outcome?: Outcome; atMs?: number } = {};
    const outcome =
      bindsPassthrough === undefined
        ? start(stage, [one], { name: 'first' }).handle.reply.then(([only]) => only!)
        : stage.scheduler.runPassthrough(stage.call(one), { send: stage.send('first', [one]) });
    void outcome.then((only) => Object.assign(ended, { outcome: only, atMs: stage.clock.now() }));
    await stage.clock.pass(50);
    apply(stage, { b: server() });
    await stage.clock.pass(450);
    // At 300 it was to be sent again.
    expect(ended).toMatchObject({ atMs: 300, outcome: { attempts: 1, error: { code: 'connection_lost' } } });
    const other = start(stage, [{ key: 'b' }], { name: 'other' });
    await stage.clock.runOut();
    expect(other).toMatchObject({ replyMs: 510, reply: [{ status: 'ok' }] });
    expect(sendings(stage)).toEqual(['first c0 0', 'other c0 500']);
    expect(stage.scheduler.load()).toEqual(nothing);
    expect(stage.clock.timers()).toBe(0);
  });

  test('gets no new calls, until it comes back', async () => {
    const stage = createStage();
    const codes = async (): Promise<(string | undefined)[]> => {
      const started = start(stage, [{ server: 'a' }]);
      await stage.clock.runOut();
      return started.ended!.map(({ error }) => error?.code);
    };
    apply(stage, { b: server() });
    expect(await codes()).toEqual(['unknown_tool']);
    apply(stage, { a: server(), b: server() });
    expect(await codes()).toEqual([undefined]);
  });

  test('has its cap hold for what it runs still when it comes back', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 1 }, b: { maxParallel: 1 } } });
    start(stage, [{ server: 'a', ms: 100 }]);
    await stage.clock.pass(10);
    apply(stage, { b: server() });
    apply(stage, { a: server({ maxParallel: 1 }), b: server() });
    start(stage, [{ server: 'a' }], { name: 'after' });
    await stage.clock.runOut();
    expect(sendings(stage)).toEqual(['batch c0 0', 'after c0 100']);
    expect(stage.scheduler.load()).toEqual(nothing);
  });
});

test('[reload] a server that is new gets calls at once', async () => {
  const stage = createStage();
  apply(stage, { a: server(), b: server(), c: server({ maxParallel: 1 }) });
  start(stage, repeat(2, { server: 'c' }));
  await stage.clock.runOut();
  expect(startsOf(stage)).toEqual([0, 10]);
});
