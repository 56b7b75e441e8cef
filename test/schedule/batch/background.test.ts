import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/core/outcome.ts';
import { createStage, type Sketch } from '../stage.ts';
import { nothing, sendings, start } from '../start.ts';

const minuteMs = 60_000;
const background = (ms = 10 * minuteMs) => ({ deadlineMs: 1_000, backgroundMs: () => ms });
const shortly = (outcomes: readonly Outcome[] | undefined): string[] =>
  (outcomes ?? []).map(({ status, applied, error }) => [status, applied, error?.code].filter(Boolean).join(' '));

describe('[deadline] a batch that outlives its deadline', () => {
  test('replies with what is finished; the rest is pending, with what is known of its effect', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 2 }, b: { maxParallel: 8 } } });
    const started = start(
      stage,
      [
        { key: 'b/1', ms: 100 },
        { key: 'a/1', class: 'write', ms: 5_000 },
        { key: 'a/2', ms: 5_000 },
        { key: 'a/3', class: 'write', ms: 10 },
        { key: 'b/2', needs: [{ back: 3, when: 'ok' }], class: 'write' },
      ],
      background(),
    );
    await stage.clock.pass(2_000);
    expect(started.replyMs).toBe(1_000);
    const { reply } = started;
    expect(shortly(reply)).toEqual(['ok no', 'pending unknown', 'pending no', 'pending no', 'pending no']);
    expect(reply?.map(({ attempts }) => attempts)).toEqual([1, 1, 1, 0, 0]);
    expect(reply?.map(({ queuedMs, runMs }) => [queuedMs, runMs])).toEqual([
      [0, 100],
      [0, 1_000],
      [0, 1_000],
      [1_000, 0],
      [1_000, 0],
    ]);
    expect(reply?.every(({ error }) => error === undefined)).toBe(true);
  });

  test('goes on: what runs ends, and what waited starts', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 1 }, b: { maxParallel: 8 } } });
    const started = start(
      stage,
      [
        { key: 'a/1', class: 'write', ms: 5_000 },
        { key: 'a/2', ms: 50 },
        { key: 'b', needs: [{ back: 1, when: 'ok' }] },
      ],
      background(),
    );
    await stage.clock.pass(2_000);
    expect(started.ended).toBeUndefined();
    expect(started.handle.outcomes()[0]).toMatchObject({ status: 'pending', applied: 'unknown', runMs: 2_000 });
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['ok yes', 'ok no', 'ok no']);
    expect(started.endedMs).toBe(5_060);
    expect(started.handle.outcomes()).toEqual(started.ended);
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c1 5000', 'batch c2 5050']);
    expect(shortly(started.reply)).toEqual(['pending unknown', 'pending no', 'pending no']);
    expect(stage.scheduler.load()).toEqual(nothing);
    expect(stage.clock.timers()).toBe(0);
  });

  test('ends at the end of its time in the background as it would have at its deadline', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 2 }, b: { maxParallel: 8 } } });
    const sketches: Sketch[] = [
      { key: 'a/1', class: 'write', answer: 'never' },
      { key: 'a/2', answer: 'never' },
      { key: 'a/3' },
    ];
    const started = start(stage, sketches, background(5_000));
    await stage.clock.runOut();
    expect(started.endedMs).toBe(6_000);
    expect(shortly(started.ended)).toEqual(['timeout unknown deadline', 'timeout no deadline', 'skipped no deadline']);
    expect(started.ended?.[0]?.error?.message).toContain('in the background');
    expect(stage.scheduler.load()).toEqual(nothing);
  });

  test('says which elements of a call are still to come', async () => {
    const stage = createStage();
    const each: Sketch = {
      server: 'a',
      class: 'write',
      turnsOut: [
        { key: 'a/1', class: 'write', ms: 10 },
        { key: 'a/2', class: 'write', ms: 5_000 },
      ],
    };
    const started = start(stage, [each, { key: 'a', needs: [{ back: 1, when: 'ok' }] }], background());
    await stage.clock.pass(1_500);
    expect(started.reply?.[0]).toMatchObject({ status: 'pending', applied: 'unknown', attempts: 2, runMs: 1_000 });
    expect(shortly(started.reply?.[0]?.items)).toEqual(['ok yes', 'pending unknown']);
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['ok yes', 'ok no']);
  });

  test('shows an identical read as running that another is sent for', async () => {
    const stage = createStage();
    const same: Sketch = { key: 'a/1', merges: true, ms: 5_000 };
    const started = start(stage, [same, same], background());
    await stage.clock.pass(1_000);
    expect(started.reply?.[1]).toMatchObject({ status: 'pending', attempts: 0, runMs: 1_000, deduplicatedOf: 'c0' });
    await stage.clock.runOut();
    expect(started.ended?.[1]).toMatchObject({ status: 'ok', deduplicatedOf: 'c0' });
  });

  test('does not mind what becomes of the request that has had its reply', async () => {
    const stage = createStage();
    const controller = new AbortController();
    const started = start(stage, [{ key: 'a', ms: 5_000 }], { ...background(), signal: controller.signal });
    await stage.clock.pass(1_500);
    controller.abort();
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['ok no']);
  });

  test('goes on even where its deadline had passed before it could begin', async () => {
    const stage = createStage();
    await stage.clock.pass(5_000);
    const started = start(stage, [{ key: 'a', ms: 100 }], { ...background(), acceptedMs: 0 });
    await stage.clock.runOut();
    expect(started.replyMs).toBe(5_000);
    expect(shortly(started.reply)).toEqual(['pending no']);
    expect(shortly(started.ended)).toEqual(['ok no']);
  });

  test('sends again what may be, as long as it has time in the background', async () => {
    const mayRepeat = { times: 2, afterTimeout: false };
    const away: Sketch = { key: 'a', tries: ['busy'], retryAfterMs: 3_000, mayRepeat };
    for (const [ms, expected] of [
      [3_000, 'ok no'],
      [1_500, 'failed no upstream_error'],
    ] as const) {
      const stage = createStage();
      const started = start(stage, [away], background(ms));
      await stage.clock.runOut();
      expect(shortly(started.ended)).toEqual([expected]);
    }
  });

  test('asks only then whether it may go on, and ends where it may not', async () => {
    const stage = createStage();
    const asked: number[] = [];
    const backgroundMs = (): number => {
      asked.push(stage.clock.now());
      return 0;
    };
    const started = start(stage, [{ key: 'a', ms: 5_000 }], { deadlineMs: 1_000, backgroundMs });
    await stage.clock.runOut();
    expect(asked).toEqual([1_000]);
    expect(started.endedMs).toBe(1_000);
    expect(shortly(started.reply)).toEqual(['timeout no deadline']);
  });
});

test('a batch that ends before its deadline has one reply, and nobody is asked about more', async () => {
  const stage = createStage();
  const started = start(stage, [{ key: 'a' }], {
    deadlineMs: 1_000,
    backgroundMs: () => expect.unreachable(),
  });
  await stage.clock.runOut();
  expect(started.reply).toEqual(started.ended);
  expect(started.replyMs).toBe(10);
});

test('whoever listens hears of each end as it comes, and no more once it wants no more', async () => {
  const stage = createStage();
  const started = start(stage, [
    { key: 'a/1', ms: 10 },
    { key: 'a/2', ms: 20 },
    { key: 'a/3', ms: 30 },
  ]);
  const heard: string[] = [];
  const stop = started.handle.onChange(() =>
    heard.push(
      started.handle
        .outcomes()
        .map(({ status }) => status[0])
        .join(''),
    ),
  );
  await stage.clock.pass(25);
  stop();
  await stage.clock.runOut();
  expect(heard).toEqual(['opp', 'oop']);
});
