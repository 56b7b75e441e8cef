import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Plan } from '../../src/core/plan.ts';
import type { Send } from '../../src/schedule/call/send.ts';
import { createHouse } from './house.ts';
import { createStage, type Sketch, type Stage } from './stage.ts';

/** Runs sketches as one batch to its end and returns the outcomes with the time it took. */
async function run(
  stage: Stage,
  sketches: readonly Sketch[],
  options: Partial<Plan> & { signal?: AbortSignal; name?: string } = {},
) {
  const { signal, name = 'batch', ...plan } = options;
  const startMs = stage.clock.now();
  const ended: { outcomes: readonly Outcome[]; tookMs: number } = { outcomes: [], tookMs: Number.NaN };
  void stage.scheduler
    .startBatch(stage.plan(name, sketches, plan), {
      send: stage.send(name, sketches),
      onSettled: (index) => stage.settled(name, index),
      ...(signal !== undefined && { signal }),
    })
    .reply.then((outcomes) => Object.assign(ended, { outcomes, tookMs: stage.clock.now() - startMs }));
  await stage.clock.runOut();
  return ended;
}

const statusesOf = (outcomes: readonly Outcome[]): string[] => outcomes.map(({ status }) => status);
const codesOf = (outcomes: readonly Outcome[]): (string | undefined)[] => outcomes.map(({ error }) => error?.code);
const repeat = (count: number, sketch: Sketch): Sketch[] => Array.from({ length: count }, () => sketch);

describe('order', () => {
  test('[order] a read after a write of the same file starts when the write has ended', async () => {
    const stage = createStage();
    await run(stage, [
      { key: 'a/f', class: 'write', ms: 30 },
      { key: 'a/f', ms: 10 },
    ]);
    expect(stage.executions.map(({ startMs }) => startMs)).toEqual([0, 30]);
  });

  test('[parallel] writes and reads of four files are four calls at once', async () => {
    const { tookMs } = await run(createStage(), [
      { key: 'a/1', class: 'write', ms: 100 },
      { key: 'a/2', ms: 100 },
      { key: 'a/3', class: 'write', ms: 100 },
      { key: 'a/4', ms: 100 },
    ]);
    expect(tookMs).toBe(100);
  });

  test('a write in a directory waits for the read of the directory', async () => {
    const stage = createStage();
    await run(stage, [
      { key: 'a/dir', ms: 40 },
      { key: 'a/dir/f', class: 'write', ms: 10 },
    ]);
    expect(stage.executions[1]!.startMs).toBe(40);
  });

  test('[clients] two writes of one file never overlap, not even from two clients', async () => {
    const stage = createStage();
    const write: Sketch = { key: 'a/f', class: 'write', ms: 50 };
    const other = stage.scheduler.runPassthrough(stage.call(write), { send: stage.send('other client', [write]) });
    await run(stage, [write]);
    await other;
    const [first, second] = stage.executions;
    expect(second!.startMs).toBe(first!.endMs);
  });

  test('a reader does not overtake a writer that waits', async () => {
    const stage = createStage();
    const reader: Sketch = { key: 'a', ms: 50 };
    const writer: Sketch = { key: 'a', class: 'write', ms: 10 };
    void stage.scheduler.startBatch(stage.plan('first reader', [reader]), {
      send: stage.send('first reader', [reader]),
    }).reply;
    void stage.scheduler.startBatch(stage.plan('writer', [writer]), { send: stage.send('writer', [writer]) }).reply;
    await run(stage, [reader], { name: 'second reader' });
    expect(stage.executions.map(({ batch, startMs }) => [batch, startMs])).toEqual([
      ['first reader', 0],
      ['writer', 50],
      ['second reader', 60],
    ]);
  });
});

describe('limits', () => {
  test('20 reads of 100 ms at 8 in parallel take three rounds', async () => {
    const { tookMs } = await run(createStage(), repeat(20, { key: 'a', ms: 100 }));
    expect(tookMs).toBe(300);
  });

  test('no server holds more than half of the process when there are several', async () => {
    const stage = createStage({ maxParallel: 8, servers: { a: { maxParallel: 8 }, b: { maxParallel: 8 } } });
    const { tookMs } = await run(stage, repeat(8, { server: 'a', ms: 10 }), { maxParallel: 100 });
    expect(tookMs).toBe(20);
  });

  test('a batch of 200 does not starve one of 5', async () => {
    const alone = await run(createStage(), repeat(5, { server: 'a', ms: 100 }));
    const stage = createStage();
    const many = repeat(200, { server: 'a', ms: 100 });
    void stage.scheduler.startBatch(stage.plan('many', many), { send: stage.send('many', many) }).reply;
    const few = await run(stage, repeat(5, { server: 'a', ms: 100 }), { name: 'few' });
    expect(few.tookMs).toBeLessThanOrEqual(2 * alone.tookMs);
  });

  test('passthrough calls take no slot of a batch, and one of a capped server only where the user capped it', async () => {
    for (const [bindsPassthrough, tookMs] of [
      [false, 10],
      [true, 50],
    ] as const) {
      const stage = createStage({ servers: { a: { maxParallel: 1, bindsPassthrough } } });
      const one: Sketch = { server: 'a', ms: 10 };
      const all = Promise.all(
        Array.from({ length: 5 }, (_, number) =>
          stage.scheduler.runPassthrough(stage.call(one), { send: stage.send(`p${number}`, [one]) }),
        ),
      );
      await stage.clock.runOut();
      await all;
      expect(stage.clock.now()).toBe(tookMs);
    }
  });

  test('the 1,025th passthrough call at once is refused, and the others are not', async () => {
    const stage = createStage();
    const one: Sketch = { server: 'a', ms: 10 };
    const all = Promise.all(
      Array.from({ length: 1_025 }, () =>
        stage.scheduler.runPassthrough(stage.call(one), { send: stage.send('p', [one]) }),
      ),
    );
    await stage.clock.runOut();
    const codes = codesOf(await all);
    expect(codes.filter((code) => code === 'limit_exceeded')).toHaveLength(1);
    expect(codes[1_024]).toBe('limit_exceeded');
  });
});

describe('a call that takes too long', () => {
  test('[isolation] times out alone; its neighbours still answer', async () => {
    const { outcomes } = await run(createStage(), [
      { key: 'a', ms: 10 },
      { key: 'a', answer: 'never', timeoutMs: 50 },
      { key: 'a', ms: 10 },
    ]);
    expect(statusesOf(outcomes)).toEqual(['ok', 'timeout', 'ok']);
    expect(outcomes[1]).toMatchObject({ applied: 'no', runMs: 50 });
  });

  test('counts its timeout from dispatch, not while it waits', async () => {
    const { outcomes } = await run(
      createStage({ servers: { a: { maxParallel: 1 } } }),
      repeat(3, { server: 'a', ms: 40, timeoutMs: 50 }),
    );
    expect(statusesOf(outcomes)).toEqual(['ok', 'ok', 'ok']);
  });

  test('[effect] a write past its timeout is unknown, and nothing of its key is sent until it has answered', async () => {
    const stage = createStage();
    const { outcomes } = await run(stage, [
      { key: 'a/f', class: 'write', ms: 3_000, timeoutMs: 100 },
      { key: 'a/f', class: 'write', ms: 10 },
      { key: 'a/g', ms: 10 },
    ]);
    expect(outcomes[0]).toMatchObject({ status: 'timeout', applied: 'unknown', runMs: 100 });
    expect(stage.executions.map(({ call, startMs }) => [call.id, startMs])).toEqual([
      ['c0', 0],
      ['c2', 0],
      ['c1', 3_000],
    ]);
  });

  test('a write that never answers is cancelled after 30 s, and its key is free again', async () => {
    const stage = createStage();
    const { outcomes } = await run(stage, [
      { key: 'a/f', class: 'write', answer: 'never', timeoutMs: 100 },
      { key: 'a/f', ms: 10 },
    ]);
    expect(statusesOf(outcomes)).toEqual(['timeout', 'ok']);
    expect(stage.executions[0]!.endMs).toBe(30_100);
    expect(stage.executions[1]!.startMs).toBe(30_100);
  });

  test('a read without an answer keeps its server slot for 5 s, but not its batch slot', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 1 }, b: { maxParallel: 1 } } });
    await run(
      stage,
      [
        { server: 'a', answer: 'never', timeoutMs: 100 },
        { server: 'a', ms: 10 },
        { server: 'b', ms: 10 },
      ],
      { maxParallel: 1 },
    );
    const starts = new Map(stage.executions.map(({ call, startMs }) => [call.id, startMs]));
    expect(starts.get('c2')).toBe(100);
    expect(starts.get('c1')).toBe(5_100);
  });
});

describe('the end of a batch before its calls', () => {
  test('[one-result] at the deadline what runs is a timeout, what waits is skipped, and both say deadline', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 1 }, b: { maxParallel: 8 } } });
    const { outcomes, tookMs } = await run(
      stage,
      [
        { server: 'a', ms: 5_000 },
        { server: 'a', ms: 10 },
        { key: 'b/f', class: 'write', ms: 5_000 },
        { server: 'b', ms: 10 },
      ],
      { deadlineMs: 1_000 },
    );
    expect(tookMs).toBe(1_000);
    expect(statusesOf(outcomes)).toEqual(['timeout', 'skipped', 'timeout', 'ok']);
    expect(codesOf(outcomes)).toEqual(['deadline', 'deadline', 'deadline', undefined]);
    expect(outcomes.map(({ applied }) => applied)).toEqual(['no', 'no', 'unknown', 'no']);
  });

  test('after a cancellation nothing starts, reads end at once, and writes share one grace of 2 s', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 3 } } });
    const controller = new AbortController();
    stage.clock.after(100, () => controller.abort());
    const { outcomes, tookMs } = await run(
      stage,
      [
        { key: 'a/1', class: 'write', ms: 1_000 },
        { key: 'a/2', class: 'write', answer: 'never' },
        { key: 'a/3', ms: 10_000 },
        { key: 'a/4', ms: 10 },
      ],
      { signal: controller.signal },
    );
    expect(outcomes.map(({ status, applied }) => `${status} ${applied}`)).toEqual([
      'ok yes',
      'cancelled unknown',
      'cancelled no',
      'cancelled no',
    ]);
    expect(tookMs).toBe(2_100);
    expect(stage.executions).toHaveLength(3);
  });

  test('a batch that is cancelled before it begins sends nothing', async () => {
    const stage = createStage();
    const { outcomes } = await run(stage, repeat(3, { key: 'a', ms: 10 }), { signal: AbortSignal.abort() });
    expect(statusesOf(outcomes)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(stage.executions).toHaveLength(0);
  });

  test('onError stop: running calls finish, nothing new starts, and the rest names the call that failed', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 2 } } });
    const { outcomes } = await run(
      stage,
      [{ server: 'a', ms: 10, answer: 'isError' }, { server: 'a', ms: 50 }, ...repeat(3, { server: 'a', ms: 10 })],
      {
        onError: 'stop',
      },
    );
    expect(statusesOf(outcomes)).toEqual(['tool_error', 'ok', 'skipped', 'skipped', 'skipped']);
    expect(outcomes[4]!.error).toMatchObject({ code: 'stopped_after_error', by: 'c0' });
  });

  test('onError continue: one failing call does not touch its siblings', async () => {
    const { outcomes } = await run(createStage(), [
      { key: 'a', answer: 'fails' },
      { key: 'a', answer: 'rejects' },
      { key: 'a' },
    ]);
    expect(statusesOf(outcomes)).toEqual(['failed', 'failed', 'ok']);
    expect(codesOf(outcomes)).toEqual(['upstream_error', 'internal', undefined]);
  });
});

describe('what is known of an effect', () => {
  test('a write that answered isError is unknown, one that succeeded is yes, a read is no', async () => {
    const { outcomes } = await run(createStage(), [
      { key: 'a/1', class: 'write', answer: 'isError' },
      { key: 'a/2', class: 'destructive' },
      { key: 'a/3', answer: 'isError' },
    ]);
    expect(outcomes.map(({ applied }) => applied)).toEqual(['unknown', 'yes', 'no']);
  });
});

test('a cancelled passthrough call reaches its upstream at once, or is never sent where it still waits', async () => {
  const stage = createStage();
  const write: Sketch = { key: 'a/f', class: 'write', ms: 1_000 };
  const controllers = [new AbortController(), new AbortController()];
  const calls = controllers.map(({ signal }, number) =>
    stage.scheduler.runPassthrough(stage.call(write), { send: stage.send(`p${number}`, [write]), signal }),
  );
  stage.clock.after(10, () => controllers[1]!.abort());
  stage.clock.after(20, () => controllers[0]!.abort());
  await stage.clock.runOut();
  const [sent, waiting] = await Promise.all(calls);
  expect(sent).toMatchObject({ status: 'cancelled', applied: 'unknown', runMs: 20 });
  expect(waiting).toMatchObject({ status: 'cancelled', applied: 'no', attempts: 0 });
  expect(stage.executions.map(({ endMs }) => endMs)).toEqual([20]);
  expect(stage.scheduler.load()).toEqual({ lockNodes: 0, ready: 0, slots: 0, passthrough: 0 });
});

test('a cancelled passthrough write keeps its key for 2 s, since its server may still be writing', async () => {
  const stage = createStage();
  const write: Sketch = { key: 'a/f', class: 'write', ms: 1_000 };
  const controller = new AbortController();
  const options = { send: stage.send('cancelled', [write]), signal: controller.signal };
  void stage.scheduler.runPassthrough(stage.call(write), options);
  await stage.clock.pass(20);
  controller.abort();
  await run(stage, [write, { key: 'a/g', ms: 10 }]);
  const starts = stage.executions.map(({ batch, call, startMs }) => `${batch} ${call.id} ${startMs}`);
  expect(starts).toEqual(['cancelled c0 0', 'batch c1 20', 'batch c0 2020']);
});

describe('a call whose server is being connected', () => {
  /** Sends only when the connection comes, unless the call has been given up by then. */
  function createSlowConnection(stage: Stage, connectMs: number): { send: Send; sent: string[] } {
    const sent: string[] = [];
    const send: Send = async (call, signal, { setWaiting }) => {
      setWaiting(true);
      await stage.clock.sleep(connectMs);
      const cancelled = { code: 'cancelled', message: 'given up', retryable: true } as const;
      if (signal.aborted) return { ok: false, sent: false, error: cancelled };
      setWaiting(false);
      sent.push(call.id);
      await stage.clock.sleep(100);
      return { ok: true, result: { content: [] } };
    };
    return { send, sent };
  }

  test('the wait for a connection is no part of how long a call ran, and counts against no timeout', async () => {
    const stage = createStage();
    const { send, sent } = createSlowConnection(stage, 2_000);
    const write: Sketch = { key: 'a/f', class: 'write', timeoutMs: 300 };
    const batch = stage.scheduler.startBatch(stage.plan('batch', [write]), { send }).reply;
    await stage.clock.runOut();
    const [outcome] = await batch;
    expect(outcome).toMatchObject({ status: 'ok', startedMs: 2_000, queuedMs: 2_000 });
    expect(outcome!.runMs).toBeLessThan(300);
    expect(sent).toEqual(['c0']);
  });

  test('[effect] a write that was not sent by the deadline of its batch never is, and its result says so', async () => {
    const stage = createStage();
    const { send, sent } = createSlowConnection(stage, 2_000);
    const plan = stage.plan('batch', [{ key: 'a/f', class: 'write' }], { deadlineMs: 300 });
    const batch = stage.scheduler.startBatch(plan, { send }).reply;
    await stage.clock.runOut();
    expect(await batch).toMatchObject([{ status: 'skipped', applied: 'no', error: { code: 'deadline' } }]);
    expect(sent).toEqual([]);
  });

  test('a write that is stopped once it was sent is unknown, and not offered for another try', async () => {
    const stage = createStage();
    const { send, sent } = createSlowConnection(stage, 50);
    const write: Sketch = { key: 'a/f', class: 'write', timeoutMs: 100 };
    const batch = stage.scheduler.startBatch(stage.plan('batch', [write]), { send }).reply;
    await stage.clock.runOut();
    expect(await batch).toMatchObject([{ applied: 'unknown', attempts: 1, error: { retryable: false } }]);
    expect(sent).toEqual(['c0']);
  });
});

test('a passthrough call that was cancelled before it is admitted is never sent', async () => {
  const stage = createStage();
  const one: Sketch = { key: 'a', class: 'write' };
  const options = { send: stage.send('p', [one]), signal: AbortSignal.abort() };
  const outcome = await stage.scheduler.runPassthrough(stage.call(one), options);
  expect(outcome).toMatchObject({ status: 'cancelled', attempts: 0 });
  expect(stage.executions).toEqual([]);
});

test.each(['passthrough', 'batch'] as const)('a barrier (%s) runs alone in the whole process', async (route) => {
  const house = createHouse();
  const barrier = { key: 'a', locks: 'root' } as const;
  void house.batch([{ key: 'a/y' }, { key: 'b/x', class: 'write' }]);
  void (route === 'batch' ? house.batch([barrier]) : house.passthrough(barrier));
  void house.passthrough({ key: 'b/y' });
  void house.batch([{ key: 'b/x' }]);
  await house.clock.runOut();
  expect(house.sent.map(({ visit, atMs }) => `${visit.key} ${atMs}`)).toEqual([
    'a/y 0',
    'b/x 0',
    'a 10',
    'b/y 20',
    'b/x 20',
  ]);
});
