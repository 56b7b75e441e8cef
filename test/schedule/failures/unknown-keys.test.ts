import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/core/outcome.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { createStage, type Sketch, type Stage } from '../stage.ts';
import { nothing, sendings, start, type Started } from '../start.ts';

const write: Sketch = { key: 'a/f', class: 'write' };
const lost: Sketch = { ...write, answer: 'lost' };
const silent: Sketch = { ...write, answer: 'never', timeoutMs: 100 };
const read: Sketch = { key: 'a/f' };

/** Runs a batch to its end; its client is told. */
async function ran(stage: Stage, sketches: readonly Sketch[], name: string): Promise<readonly Outcome[]> {
  const started = start(stage, sketches, { name });
  await stage.clock.pass(40_000);
  started.handle.reported();
  return started.ended!;
}
const statusOf = ({ ended, reply }: Started): (string | undefined)[] =>
  (ended ?? reply ?? []).map(({ status, error }) => error?.code ?? status);

describe('[effect] a write whose end nobody learnt', () => {
  test.each([
    ['its connection was lost', lost, 10],
    ['it did not answer for 30 s after its timeout', silent, 30_100],
    ['its connection was lost while it was late', { ...lost, ms: 3_000, timeoutMs: 100 }, 3_000],
    ['it failed inside', { ...write, answer: 'rejects' } satisfies Sketch, 0],
  ] as const)('keeps later writes of its batch from running on it: %s', async (_, first, atMs) => {
    const stage = createStage();
    const started = start(stage, [first, write, read, { key: 'a/g', class: 'write' }, { ...write, key: 'a' }]);
    await stage.clock.runOut();
    expect(started.ended?.[0]).toMatchObject({ applied: 'unknown' });
    for (const later of [1, 4]) {
      expect(started.ended?.[later]).toMatchObject({
        status: 'skipped',
        applied: 'no',
        attempts: 0,
        error: { code: 'predecessor_unknown', by: 'c0', retryable: true },
      });
    }
    expect(started.ended?.[2]).toMatchObject({ status: 'ok' });
    expect(started.ended?.[2]?.warning).toContain('c0 (a__tool)');
    expect(started.ended?.[3]).toMatchObject({ status: 'ok', applied: 'yes' });
    expect(started.ended?.[3]?.warning).toBeUndefined();
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c3 0', `batch c2 ${atMs}`]);
    expect(stage.scheduler.load()).toEqual(nothing);
  });

  test('keeps a write from running that its client cancelled at the end of the grace', async () => {
    const stage = createStage();
    const started = start(stage, [{ ...write, answer: 'never' }]);
    const waiting = start(stage, [write], { name: 'other' });
    await stage.clock.pass(100);
    started.handle.cancel();
    await stage.clock.runOut();
    expect(statusOf(started)).toEqual(['cancelled']);
    expect(statusOf(waiting)).toEqual(['predecessor_unknown']);
    expect(waiting.ended?.[0]?.error?.by).toBeUndefined();
  });

  test('does not stop what runs whatever became of it', async () => {
    const stage = createStage();
    const started = start(stage, [lost, { ...write, ignoresUnknown: true }, write]);
    await stage.clock.runOut();
    expect(statusOf(started)).toEqual(['connection_lost', 'ok', 'ok']);
    expect(started.ended?.map(({ warning }) => warning !== undefined)).toEqual([false, true, false]);
  });

  test('is no reason to stop where onError says stop, and what needs a skipped write is skipped', async () => {
    const stage = createStage();
    const needs: Sketch = { key: 'a/g', needs: [{ back: 1, when: 'ok' }] };
    const started = start(stage, [silent, write, needs, { key: 'b' }], { onError: 'continue' });
    await stage.clock.runOut();
    expect(statusOf(started)).toEqual(['timeout', 'predecessor_unknown', 'dependency_failed', 'ok']);
  });
});

test.each(['isError', 'fails', 'away'] as const)(
  'a write that was answered (%s) stops no later one',
  async (answer) => {
    const stage = createStage();
    const started = start(stage, [{ ...write, answer }, write]);
    await stage.clock.runOut();
    expect(started.ended?.[1]).toMatchObject({ status: 'ok' });
    expect(started.ended?.[1]?.warning).toBeUndefined();
  },
);

describe('a client that has been told of an unknown effect', () => {
  test('has its next write run with a warning, and the one after that without', async () => {
    const stage = createStage();
    await ran(stage, [lost], 'first');
    const outcomes = [await ran(stage, [write], 'second'), await ran(stage, [write, read], 'third')].flat();
    expect(outcomes.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok']);
    expect(outcomes.map(({ warning }) => warning)).toEqual([
      'an earlier call of a__tool was to write what this call touches, and whether it took effect is not known',
      undefined,
      undefined,
    ]);
  });

  test('is told by the reply, and what was accepted before that is skipped', async () => {
    const stage = createStage();
    const first = start(stage, [lost], { name: 'first' });
    await stage.clock.pass(100);
    const before = start(stage, [write], { name: 'before' });
    await stage.clock.pass(100);
    first.handle.reported();
    const late = start(stage, [write], { name: 'accepted before', acceptedMs: 150 });
    const after = start(stage, [write], { name: 'after' });
    await stage.clock.runOut();
    expect([before, late, after].map(statusOf)).toEqual([['predecessor_unknown'], ['predecessor_unknown'], ['ok']]);
  });

  test('knows of the next one only when it is told again', async () => {
    const stage = createStage();
    const first = start(stage, [lost, { key: 'a/g', class: 'write', answer: 'lost', ms: 500 }], { name: 'first' });
    await stage.clock.pass(100);
    first.handle.reported();
    await stage.clock.pass(1_000);
    const second = start(stage, [write, { key: 'a/g', class: 'write' }], { name: 'second' });
    await stage.clock.runOut();
    expect(statusOf(second)).toEqual(['ok', 'predecessor_unknown']);
  });

  test('has what it sent before skipped however much later that comes', async () => {
    const stage = createStage();
    const patient = { deadlineMs: 1_000, backgroundMs: () => 600_000 };
    const first = start(
      stage,
      [lost, { key: 'b', ms: 120_000 }, { ...write, needs: [{ back: 1, when: 'ok' }] }],
      patient,
    );
    await stage.clock.pass(1_000);
    first.handle.reported();
    await stage.clock.runOut();
    expect(statusOf(first)).toEqual(['connection_lost', 'ok', 'predecessor_unknown']);
  });

  test('has been told, too, by a write that was skipped for it: nobody is kept out for ever', async () => {
    const stage = createStage();
    start(stage, [lost], { name: 'its client never comes back' });
    await stage.clock.pass(100);
    const outcomes = [await ran(stage, [write], 'second'), await ran(stage, [write], 'third')].flat();
    expect(outcomes.map(({ status }) => status)).toEqual(['skipped', 'ok']);
  });
});

describe('a passthrough write whose end nobody learnt', () => {
  test('has told its client when it ends; who waited behind it is skipped, who comes after is warned', async () => {
    const stage = createStage();
    const call = (one: Sketch, name: string): Promise<Outcome> =>
      stage.scheduler.runPassthrough(stage.call(one), { send: stage.send(name, [one]) });
    const first = call(lost, 'first');
    const behind = call(write, 'behind');
    await stage.clock.pass(100);
    const after = call(write, 'after');
    await stage.clock.runOut();
    expect(await first).toMatchObject({ status: 'failed', applied: 'unknown' });
    expect(await behind).toMatchObject({ status: 'skipped', error: { code: 'predecessor_unknown' } });
    expect((await behind).error?.by).toBeUndefined();
    expect(await after).toMatchObject({ status: 'ok', warning: expect.stringContaining('a__tool') });
  });
});

describe('what a write has left uncertain', () => {
  /** Whether a write, and a read, are warned of it. */
  const warned = async (stage: Stage): Promise<boolean> => {
    const [outcome] = await ran(stage, [read], `at ${stage.clock.now()}`);
    return outcome?.warning !== undefined;
  };

  test('is as it is when the connection has ended, where nothing was heard of it', async () => {
    const stage = createStage();
    await ran(stage, [silent], 'first');
    expect(await warned(stage)).toBe(true);
    stage.scheduler.connectionEnded('b');
    expect(await warned(stage)).toBe(true);
    stage.scheduler.connectionEnded('a');
    expect(await warned(stage)).toBe(false);
  });

  test('stays over the end of its own connection, until 30 s after its client was told', async () => {
    const stage = createStage();
    const first = start(stage, [lost], { name: 'first' });
    await stage.clock.pass(60_000);
    stage.scheduler.connectionEnded('a');
    expect(await warned(stage)).toBe(true);
    const toldMs = stage.clock.now();
    first.handle.reported();
    await stage.clock.pass(29_990);
    expect(stage.clock.now()).toBe(toldMs + 29_990);
    expect(await warned(stage)).toBe(true);
    expect(await warned(stage)).toBe(false);
  });

  test('counts as lost with its connection where that ended while it was waited for', async () => {
    const stage = createStage();
    start(stage, [{ ...lost, ms: 3_000, timeoutMs: 100 }], { name: 'first' });
    await stage.clock.pass(5_000);
    stage.scheduler.connectionEnded('a');
    expect(await warned(stage)).toBe(true);
  });

  test('is not settled by a write of a part of it, nor by one that fails', async () => {
    const stage = createStage();
    await ran(stage, [{ ...silent, key: 'a' }], 'first');
    await ran(stage, [{ key: 'a/f', class: 'write' }], 'a part');
    await ran(stage, [{ key: 'a', class: 'write', answer: 'isError' }], 'one that fails');
    expect(await warned(stage)).toBe(true);
    await ran(stage, [{ key: 'a', class: 'write' }], 'all of it');
    expect(await warned(stage)).toBe(false);
  });
});

test('what a process has left that is gone keeps the rest of its batch from writing there', async () => {
  const stage = createStage();
  const { locks } = stage.call(write);
  const plan: Plan = stage.plan('batch', [write, write, read]);
  const interrupted: Plan['entries'][number] = {
    kind: 'settled',
    index: 0,
    id: 'c0',
    tool: 'a__tool',
    server: 'a',
    class: 'write',
    locks,
    outcome: {
      status: 'failed',
      applied: 'unknown',
      error: { code: 'connection_lost', message: 'interrupted', retryable: false },
      attempts: 1,
      queuedMs: 0,
      runMs: 0,
      startedMs: 0,
    },
  };
  const entries = plan.entries.with(0, interrupted);
  const send = stage.send('batch', [write, write, read]);
  const handle = stage.scheduler.startBatch({ ...plan, entries }, { send });
  await stage.clock.runOut();
  const outcomes = await handle.ended;
  expect(outcomes[1]).toMatchObject({ status: 'skipped', error: { code: 'predecessor_unknown', by: 'c0' } });
  expect(outcomes[2]).toMatchObject({ status: 'ok', warning: expect.stringContaining('c0') });
});
