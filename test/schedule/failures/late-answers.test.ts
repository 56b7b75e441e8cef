import { describe, expect, test } from 'vitest';
import { createStage, type Sketch } from '../stage.ts';
import { nothing, sendings, start } from '../start.ts';

const write: Sketch = { key: 'a/f', class: 'write', ms: 3_100, timeoutMs: 100 };

describe('[effect] a write that outlives its timeout by 3 s', () => {
  test('is unknown at its timeout and applied 3 s later; its key waits, another key does not', async () => {
    const stage = createStage();
    const started = start(stage, [write, { key: 'a/f', class: 'write' }, { key: 'a/g', ms: 20 }]);
    await stage.clock.pass(150);
    expect(started.handle.outcomes()).toMatchObject([
      { status: 'timeout', applied: 'unknown', runMs: 100, error: { code: 'timeout', retryable: false } },
      { status: 'pending', applied: 'no', attempts: 0 },
      { status: 'ok', queuedMs: 0, runMs: 20 },
    ]);
    expect(started.handle.late()).toEqual([]);
    await stage.clock.runOut();
    expect(started.handle.late()).toEqual([{ id: 'c0', status: 'ok', applied: 'yes', result: { content: [] } }]);
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c2 0', 'batch c1 3100']);
    expect(started.ended?.[1]).toMatchObject({ status: 'ok', applied: 'yes' });
    expect(started.ended?.[1]?.warning).toBeUndefined();
    // What was learnt later changes no outcome.
    expect(started.ended?.[0]).toMatchObject({ status: 'timeout', applied: 'unknown' });
    expect(stage.scheduler.load()).toEqual(nothing);
  });

  test('is told of after its batch has ended, and whoever listens hears of it', async () => {
    const stage = createStage();
    const started = start(stage, [write]);
    const heard: (readonly string[])[] = [];
    const stop = started.handle.onChange(() => heard.push(started.handle.late().map(({ id }) => id)));
    await stage.clock.pass(200);
    expect(started.endedMs).toBe(100);
    expect(heard).toEqual([[]]);
    await stage.clock.pass(3_000);
    expect(heard).toEqual([[], ['c0']]);
    stop();
  });

  test('is told of by the index of its element where it is one of many', async () => {
    const stage = createStage();
    const started = start(stage, [{ class: 'write', server: 'a', turnsOut: [{ key: 'a/g', class: 'write' }, write] }]);
    await stage.clock.runOut();
    expect(started.ended?.[0]?.items).toMatchObject([{ status: 'ok' }, { status: 'timeout' }]);
    expect(started.handle.late()).toMatchObject([{ id: 'c0[1]', applied: 'yes' }]);
  });
});

test.each([
  ['isError', { status: 'tool_error', applied: 'unknown', result: { content: [], isError: true } }],
  ['fails', { status: 'failed', applied: 'unknown' }],
  ['away', { status: 'failed', applied: 'no' }],
] as const)('a late answer that is no success (%s) is told as what it is, and settles the key', async (answer, end) => {
  const stage = createStage();
  const started = start(stage, [
    { ...write, answer },
    { key: 'a/f', class: 'write' },
  ]);
  await stage.clock.runOut();
  expect(started.handle.late()).toEqual([{ id: 'c0', ...end }]);
  expect(started.ended?.[1]).toMatchObject({ status: 'ok' });
  expect(started.ended?.[1]?.warning).toBeUndefined();
});

test('an answer that comes later than 30 s after the timeout is nothing that anybody learns of', async () => {
  const stage = createStage();
  const started = start(stage, [{ ...write, ms: 30_101 }]);
  await stage.clock.runOut();
  expect(started.handle.late()).toEqual([]);
  expect(stage.executions[0]?.endMs).toBe(30_100);
});

describe('a write that was sent twice, and timed out twice', () => {
  const twice: Sketch = { ...write, timeoutMs: 1_000, mayRepeat: { times: 1, afterTimeout: true } };

  test('is not said to have had no effect while the other sending may have had one, and its key stays uncertain', async () => {
    const stage = createStage();
    // The second could not even be sent, which is learnt at 2,700.
    const started = start(stage, [{ ...twice, ms: 1_500, tries: ['never'], answer: 'away' }]);
    await stage.clock.runOut();
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c0 1200']);
    expect(started.endedMs).toBe(2_200);
    expect(started.ended).toMatchObject([{ status: 'timeout', applied: 'unknown', attempts: 2 }]);
    expect(started.handle.late()).toEqual([]);
    const next = start(stage, [{ key: 'a/f', class: 'write' }], { name: 'next' });
    await stage.clock.runOut();
    expect(next.ended).toMatchObject([{ status: 'skipped', error: { code: 'predecessor_unknown' } }]);
  });

  test('is not said to have had no effect once the other sending was given up without an answer', async () => {
    const stage = createStage();
    const started = start(stage, [{ ...twice, ms: 30_500, tries: ['never'], answer: 'away' }]);
    await stage.clock.runOut();
    expect(stage.executions.map(({ endMs }) => endMs)).toEqual([31_000, 31_700]);
    expect(started.handle.late()).toEqual([]);
    const next = start(stage, [{ key: 'a/f', class: 'write' }], { name: 'next' });
    await stage.clock.runOut();
    expect(next.ended).toMatchObject([{ status: 'skipped', error: { code: 'predecessor_unknown' } }]);
  });

  test('has had its effect where the second answers so, whatever the first has answered late', async () => {
    const stage = createStage();
    const started = start(stage, [{ ...twice, ms: 3_000, tries: ['isError'] }]);
    await stage.clock.pass(4_000);
    expect(started.handle.late()).toEqual([]);
    await stage.clock.runOut();
    expect(started.handle.late()).toEqual([{ id: 'c0', status: 'ok', applied: 'yes', result: { content: [] } }]);
    expect(stage.scheduler.load()).toEqual(nothing);
  });
});

test('a write that was under way at the deadline is waited for in the same way', async () => {
  const stage = createStage();
  const started = start(stage, [{ key: 'a/f', class: 'write', ms: 1_000 }], { deadlineMs: 500 });
  await stage.clock.runOut();
  expect(started.ended).toMatchObject([{ status: 'timeout', applied: 'unknown', error: { code: 'deadline' } }]);
  expect(started.handle.late()).toMatchObject([{ id: 'c0', applied: 'yes' }]);
});

test('a read that answers late is not told of: nobody waits for it', async () => {
  const stage = createStage();
  const started = start(stage, [{ key: 'a/f', ms: 300, timeoutMs: 100 }]);
  await stage.clock.runOut();
  expect(started.ended).toMatchObject([{ status: 'timeout', applied: 'no' }]);
  expect(started.handle.late()).toEqual([]);
});
