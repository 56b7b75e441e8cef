import { describe, expect, test } from 'vitest';
import { createStage, type Sketch, type Stage } from '../stage.ts';
import { nothing, sendings, start } from '../start.ts';

const again = { times: 2, afterTimeout: false };
const afterTimeout = { times: 2, afterTimeout: true };
const read: Sketch = { key: 'a/f', mayRepeat: again };
const write: Sketch = { key: 'a/f', class: 'write' };

function run(stage: Stage, sketches: readonly Sketch[], options: Parameters<typeof start>[2] = {}) {
  const started = start(stage, sketches, options);
  return stage.clock.runOut().then(() => {
    expect(stage.scheduler.load()).toEqual(nothing);
    expect(stage.clock.timers()).toBe(0);
    return started.ended!;
  });
}

describe('[retry] a read whose connection is lost', () => {
  test('is sent again after a pause, and says how often it was', async () => {
    const stage = createStage();
    const [outcome] = await run(stage, [{ ...read, tries: ['lost', 'lost'] }]);
    expect(outcome).toMatchObject({ status: 'ok', applied: 'no', attempts: 3, queuedMs: 0, startedMs: 0, runMs: 630 });
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c0 210', 'batch c0 620']);
  });

  test('fails as it did last, once that was the third time', async () => {
    const [outcome] = await run(createStage(), [{ ...read, answer: 'busy', tries: ['lost', 'lost'] }]);
    expect(outcome).toMatchObject({
      status: 'failed',
      attempts: 3,
      error: { code: 'upstream_error', retryable: true },
    });
  });

  test('counts only what was sent', async () => {
    const stage = createStage();
    const [outcome] = await run(stage, [{ ...read, tries: ['away'] }]);
    expect(outcome).toMatchObject({ status: 'ok', attempts: 1, queuedMs: 210, runMs: 10 });
    const [never] = await run(createStage(), [{ ...read, answer: 'away' }]);
    expect(never).toMatchObject({ status: 'failed', attempts: 0, error: { code: 'server_unavailable' } });
  });

  test('is not sent again once the server has answered, be it with an error', async () => {
    const stage = createStage();
    const outcomes = await run(stage, [
      { ...read, answer: 'isError' },
      { ...read, key: 'a/g', answer: 'fails' },
    ]);
    expect(outcomes.map(({ status, attempts }) => [status, attempts])).toEqual([
      ['tool_error', 1],
      ['failed', 1],
    ]);
  });

  test('waits as long as a busy server wants to be left alone', async () => {
    const stage = createStage();
    await run(stage, [{ ...read, tries: ['busy'], retryAfterMs: 5_000 }]);
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c0 5010']);
  });
});

describe('[effect] a write', () => {
  test('is sent once, whatever happens', async () => {
    const stage = createStage();
    await run(
      stage,
      (['lost', 'busy', 'away'] as const).map((answer) => ({ key: `a/${answer}`, class: 'write', answer })),
    );
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c1 0', 'batch c2 0']);
  });

  test('that policy declares idempotent is sent again, and applied where that succeeds', async () => {
    const stage = createStage();
    const [first, second] = await run(stage, [{ ...write, mayRepeat: again, tries: ['lost'] }, write]);
    expect(first).toMatchObject({ status: 'ok', applied: 'yes', attempts: 2 });
    expect(second).toMatchObject({ status: 'ok' });
    expect(second?.warning).toBeUndefined();
  });

  test('that was sent once and then could not be is unknown all the same', async () => {
    const stage = createStage();
    const outcomes = await run(stage, [{ ...write, mayRepeat: again, tries: ['lost'], answer: 'away' }, write]);
    expect(outcomes).toMatchObject([
      { status: 'failed', applied: 'unknown', attempts: 1, error: { code: 'server_unavailable', retryable: false } },
      { status: 'skipped', error: { code: 'predecessor_unknown' } },
    ]);
  });
});

describe('between two sendings', () => {
  test('a call keeps its locks, and none of its slots', async () => {
    const one = { maxParallel: 1 };
    const stage = createStage({ maxParallel: 1, servers: { a: one, b: one } });
    await run(
      stage,
      [{ ...write, mayRepeat: again, tries: ['lost'] }, write, { key: 'a/g' }, { key: 'b', ms: 500 }],
      one,
    );
    // The long one beside it has the only slot of the process when it would come back.
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c2 10', 'batch c3 20', 'batch c0 520', 'batch c1 530']);
  });

  test('the deadline ends it as it failed, and a cancellation at once', async () => {
    const forDeadline = createStage();
    const left: Sketch = { ...read, answer: 'busy', retryAfterMs: 20_000 };
    const [stopped] = await run(forDeadline, [left], { deadlineMs: 1_000, backgroundMs: () => 0 });
    expect(stopped).toMatchObject({ status: 'failed', attempts: 1, runMs: 1_000, error: { code: 'upstream_error' } });

    const stage = createStage();
    const controller = new AbortController();
    const idempotent: Sketch = { ...write, answer: 'busy', retryAfterMs: 20_000, mayRepeat: again };
    const started = start(stage, [{ ...left, key: 'a/g' }, idempotent], { signal: controller.signal });
    await stage.clock.pass(500);
    controller.abort();
    await stage.clock.runOut();
    expect(started.ended).toMatchObject([
      { status: 'cancelled', applied: 'no', attempts: 1 },
      { status: 'cancelled', applied: 'unknown', attempts: 1 },
    ]);
    expect(stage.scheduler.load()).toEqual(nothing);
    expect(stage.clock.timers()).toBe(0);
  });

  test('it can be given up wherever it waits to be sent', async () => {
    const rate = { calls: 1, perMs: 60_000 };
    const stage = createStage({
      servers: { a: { maxParallel: 8, rate }, b: { maxParallel: 1 }, c: { maxParallel: 8 } },
    });
    const away: Sketch = { tries: ['lost'], mayRepeat: again };
    const started = start(stage, [
      { ...away, key: 'a' },
      { ...away, key: 'b/1' },
      { key: 'b/2', ms: 5_000 },
    ]);
    await stage.clock.pass(1_000);
    expect(stage.scheduler.load()).toMatchObject({ ready: 2 });
    started.handle.cancel(['c0', 'c1']);
    expect(stage.scheduler.load()).toMatchObject({ ready: 0 });
    await stage.clock.runOut();
    expect(started.ended?.map(({ status, attempts }) => [status, attempts])).toEqual([
      ['cancelled', 1],
      ['cancelled', 1],
      ['ok', 1],
    ]);
    expect(stage.scheduler.load()).toEqual(nothing);
    expect(stage.clock.timers()).toBe(0);
  });

  test('it is given up where its batch has no time left for it', async () => {
    const stage = createStage();
    const started = start(stage, [{ ...read, answer: 'busy', retryAfterMs: 2_000 }], { deadlineMs: 1_500 });
    await stage.clock.runOut();
    expect(started.endedMs).toBe(10);
    expect(started.ended).toMatchObject([{ status: 'failed', attempts: 1, error: { code: 'upstream_error' } }]);
  });

  test('it waits for a turn of its server, which counts every sending', async () => {
    const rate = { calls: 2, perMs: 1_000 };
    const stage = createStage({ servers: { a: { maxParallel: 8, rate }, b: { maxParallel: 8 } } });
    await run(stage, [{ ...write, mayRepeat: again, tries: ['lost', 'lost'] }]);
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c0 210', 'batch c0 1000']);
  });

  test('nobody else writes what it writes', async () => {
    const stage = createStage();
    const other = stage.scheduler.runPassthrough(stage.call({ ...write, mayRepeat: again }), {
      send: stage.send('passthrough', [{ ...write, tries: ['lost'] }]),
    });
    await run(stage, [write]);
    expect(await other).toMatchObject({ status: 'ok', attempts: 2 });
    expect(sendings(stage)).toEqual(['passthrough c0 0', 'passthrough c0 210', 'batch c0 220']);
  });
});

describe('a call that times out', () => {
  test('is sent again only where policy asks for it, with its whole time', async () => {
    const stage = createStage();
    const slow: Sketch = { ...read, timeoutMs: 100, tries: ['never'], ms: 90 };
    const outcomes = await run(stage, [slow, { ...slow, key: 'a/g', mayRepeat: afterTimeout }]);
    expect(outcomes.map(({ status, attempts, runMs }) => [status, attempts, runMs])).toEqual([
      ['timeout', 1, 100],
      ['ok', 2, 390],
    ]);
  });

  test('as an idempotent write ends with the first answer to any of its sendings', async () => {
    const stage = createStage();
    const idempotent: Sketch = { ...write, timeoutMs: 100, mayRepeat: afterTimeout, ms: 250 };
    const [outcome] = await run(stage, [idempotent, write]);
    // The answer to the first comes while the call waits to be sent again.
    expect(outcome).toMatchObject({ status: 'ok', applied: 'yes', attempts: 1, runMs: 250 });
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c1 250']);
  });

  test('is not ended by trouble that an earlier sending meets late', async () => {
    const stage = createStage({ random: () => 0 });
    const idempotent: Sketch = { ...write, timeoutMs: 50, mayRepeat: afterTimeout, tries: ['busy', 'never'], ms: 60 };
    const started = start(stage, [idempotent]);
    await stage.clock.pass(60);
    expect(started.handle.outcomes()).toMatchObject([{ status: 'pending', attempts: 2 }]);
    await stage.clock.runOut();
    expect(started.ended).toMatchObject([{ status: 'timeout', applied: 'unknown', attempts: 3 }]);
  });

  test('as an idempotent write keeps its locks until the last of its sendings is over', async () => {
    const stage = createStage();
    const idempotent: Sketch = { ...write, timeoutMs: 100, mayRepeat: afterTimeout, tries: ['never'], ms: 20 };
    const [outcome, second] = await run(stage, [idempotent, write]);
    expect(outcome).toMatchObject({ status: 'ok', applied: 'yes', attempts: 2, runMs: 320 });
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c0 300', 'batch c1 30100']);
    expect(second).toMatchObject({ status: 'ok' });
  });

  test('every time is unknown if it may have written, and a late answer to any of its sendings is told', async () => {
    const stage = createStage();
    const idempotent: Sketch = { ...write, timeoutMs: 100, mayRepeat: { times: 1, afterTimeout: true }, ms: 5_000 };
    const started = start(stage, [idempotent]);
    await stage.clock.runOut();
    expect(started.ended).toMatchObject([{ status: 'timeout', applied: 'unknown', attempts: 2, runMs: 400 }]);
    expect(started.handle.late()).toMatchObject([{ id: 'c0', applied: 'yes' }]);
    expect(stage.scheduler.load()).toEqual(nothing);
  });
});

describe('a passthrough call', () => {
  test.each([
    ['read', 3],
    ['write', 1],
  ] as const)('that is a %s is sent %i times to a server that is not there', async (toolClass, times) => {
    const stage = createStage();
    const one: Sketch = {
      ...read,
      class: toolClass,
      ...(toolClass === 'read' && { mayRepeat: again }),
      answer: 'lost',
    };
    const { mayRepeat, ...rest } = one;
    const sketched = toolClass === 'read' ? { ...rest, mayRepeat: mayRepeat! } : rest;
    const outcome = stage.scheduler.runPassthrough(stage.call(sketched), { send: stage.send('p', [sketched]) });
    await stage.clock.runOut();
    expect(await outcome).toMatchObject({ status: 'failed', attempts: times });
    expect(stage.scheduler.load()).toEqual(nothing);
  });

  test('is given up by its client between two sendings', async () => {
    const stage = createStage();
    const controller = new AbortController();
    const one: Sketch = { ...read, answer: 'busy', retryAfterMs: 10_000 };
    const outcome = stage.scheduler.runPassthrough(stage.call(one), {
      send: stage.send('p', [one]),
      signal: controller.signal,
    });
    await stage.clock.pass(100);
    controller.abort();
    expect(await outcome).toMatchObject({ status: 'cancelled', attempts: 1, runMs: 100 });
    expect(stage.clock.timers()).toBe(0);
    expect(stage.scheduler.load()).toEqual(nothing);
  });
});
