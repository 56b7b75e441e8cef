import { describe, expect, test } from 'vitest';
import { settleUnsent, type Outcome } from '../../src/core/outcome.ts';
import { stoppedAfter, type Plan, type Prepare } from '../../src/core/plan.ts';
import type { Send } from '../../src/schedule/call/send.ts';
import { createStage, type Sketch } from './stage.ts';

async function run(
  sketches: readonly Sketch[],
  {
    stage = createStage(),
    prepare = stage.prepare(sketches),
    send = stage.send('batch', sketches),
    ...plan
  }: Partial<Plan> & { stage?: ReturnType<typeof createStage>; prepare?: Prepare; send?: Send } = {},
) {
  const { clock, scheduler, executions } = stage;
  const settled: number[] = [];
  let outcomes: readonly Outcome[] = [];
  void scheduler
    .startBatch(stage.plan('batch', sketches, plan), {
      send,
      prepare,
      onSettled: (index) => settled.push(index),
    })
    .reply.then((ended) => (outcomes = ended));
  await clock.runOut();
  expect(scheduler.load()).toEqual({ lockNodes: 0, ready: 0, slots: 0, passthrough: 0 });
  expect(clock.timers()).toBe(0);
  return {
    outcomes,
    settled,
    executions,
    startOf: (id: string) => executions.find(({ call }) => call.id === id)?.startMs,
  };
}

describe('dependsOn', () => {
  test('[dependents] a failed call takes its dependents with it, names itself, and leaves its siblings alone', async () => {
    const { outcomes } = await run([
      { ms: 10 },
      { ms: 10, answer: 'isError', needs: [{ back: 1, when: 'ok' }] },
      { needs: [{ back: 1, when: 'ok' }] },
      { needs: [{ back: 1, when: 'ok' }] },
      { needs: [{ back: 3, when: 'settled' }] },
      { needs: [{ back: 4, when: 'error' }] },
      { ms: 10 },
      { needs: [{ back: 7, when: 'error' }] },
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'ok',
      'tool_error',
      'skipped',
      'skipped',
      'ok',
      'ok',
      'ok',
      'skipped',
    ]);
    expect(outcomes[2]!.error).toMatchObject({ code: 'dependency_failed', by: 'c1' });
    expect(outcomes[3]!.error).toMatchObject({ code: 'dependency_failed', by: 'c2' });
    expect(outcomes[7]!.error).toMatchObject({ code: 'dependency_failed', by: 'c0', retryable: false });
  });

  test('a call whose dependency has ended need not wait for locks that it does not want', async () => {
    const { outcomes, startOf } = await run([
      { key: 'a/f', class: 'write', answer: 'never', timeoutMs: 20 },
      { key: 'a/g', needs: [{ back: 1, when: 'settled' }] },
      { key: 'a/f' },
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['timeout', 'ok', 'ok']);
    expect(startOf('c1')).toBe(20);
    expect(startOf('c2')).toBeGreaterThanOrEqual(30_000);
  });

  test('[order] a skipped call stays an ordering point: who comes after it still waits for what came before it', async () => {
    const { outcomes, startOf } = await run([
      { ms: 5, answer: 'fails' },
      { ms: 40 },
      { key: 'a/f', ms: 10, needs: [{ back: 1, when: 'ok' }] },
      { key: 'a/f', class: 'write', needs: [{ back: 3, when: 'ok' }] },
      { key: 'a/f', class: 'write' },
    ]);
    expect(outcomes[3]!.status).toBe('skipped');
    // The read before it has yet to begin when it is skipped.
    expect([startOf('c2'), startOf('c4')]).toEqual([40, 50]);
  });

  test('under onError stop, a call that is skipped for the sake of another stops nothing', async () => {
    const { outcomes } = await run(
      [{ ms: 10 }, { needs: [{ back: 1, when: 'error' }] }, { needs: [{ back: 2, when: 'ok' }] }],
      { onError: 'stop' },
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['ok', 'skipped', 'ok']);
  });
});

describe('an open call', () => {
  test('is filled when what it depends on has ended, and then takes only the locks that it needs', async () => {
    const { outcomes, startOf } = await run([
      { key: 'b/x', ms: 10 },
      { key: 'a/f', class: 'write', ms: 10, turnsOut: 'known', needs: [{ back: 1, when: 'ok' }] },
      { key: 'a/g', ms: 10 },
    ]);
    expect(outcomes[1]).toMatchObject({ status: 'ok', decided: { class: 'write' } });
    expect(startOf('c1')).toBe(10);
    // What it would touch was not known when the batch was planned.
    expect(startOf('c2')).toBe(20);
  });

  test('that cannot be filled fails alone', async () => {
    const { outcomes } = await run([{ ms: 10 }, { turnsOut: 'invalid', needs: [{ back: 1, when: 'ok' }] }, { ms: 10 }]);
    expect(outcomes.map(({ error }) => error?.code)).toEqual([undefined, 'invalid_reference', undefined]);
  });

  test('fails as a mistake of ours where filling it throws, and its batch goes on', async () => {
    const prepare: Prepare = () => {
      throw new Error('a bug');
    };
    const { outcomes } = await run([{ turnsOut: 'known' }, { ms: 10 }], { prepare });
    expect(outcomes.map(({ error }) => error?.code)).toEqual(['internal', undefined]);
  });

  test('that ends at once may have a thousand behind it', async () => {
    const chain = Array.from({ length: 1_000 }, (): Sketch => ({
      turnsOut: 'invalid',
      needs: [{ back: 1, when: 'settled' }],
    }));
    const { outcomes, settled } = await run(chain);
    expect(outcomes.every(({ error }) => error?.code === 'invalid_reference')).toBe(true);
    expect(settled).toEqual(chain.map((_, index) => index));
  });
});

describe('when a batch is over', () => {
  test('what has not started ends for that reason, and not for each other', async () => {
    const chain: Sketch[] = [{ ms: 100 }, { needs: [{ back: 1, when: 'ok' }] }, { needs: [{ back: 1, when: 'ok' }] }];
    const { outcomes } = await run(chain, { deadlineMs: 50 });
    expect(outcomes.map(({ error }) => error?.code)).toEqual(['deadline', 'deadline', 'deadline']);
  });

  test('under onError stop, not even a call starts that waited for the failure', async () => {
    const { outcomes, executions } = await run([{ ms: 10, answer: 'fails' }, { needs: [{ back: 1, when: 'error' }] }], {
      onError: 'stop',
    });
    expect(outcomes[1]!.error?.code).toBe('stopped_after_error');
    expect(executions).toHaveLength(1);
  });

  test('under onError stop, a call that could not run from the start stops nothing that stands before it', async () => {
    const stage = createStage();
    const sketches: Sketch[] = [{ ms: 10 }, {}, { needs: [{ back: 2, when: 'ok' }] }];
    const plan = stage.plan('batch', sketches, { onError: 'stop' });
    const unknown = settleUnsent({ code: 'unknown_tool', message: 'no such tool', retryable: false });
    const stopped = settleUnsent(stoppedAfter('c1'));
    const entries = [unknown, stopped].map((outcome, n) => ({
      kind: 'settled' as const,
      index: n + 1,
      id: `c${n + 1}`,
      tool: '',
      outcome,
    }));
    const { outcomes } = await run(sketches, { stage, onError: 'stop', entries: [plan.entries[0]!, ...entries] });
    expect(outcomes.map(({ status }) => status)).toEqual(['ok', 'invalid', 'skipped']);
  });

  test('an identical read ends as the one does that is in flight', async () => {
    const read: Sketch = { key: 'a/f', ms: 50, merges: true };
    const { outcomes } = await run([read, read, { key: 'b/x', ms: 10, answer: 'fails' }], { onError: 'stop' });
    expect(outcomes.map(({ status }) => status)).toEqual(['ok', 'ok', 'failed']);
  });

  test('a failure may take a thousand dependents with it', async () => {
    const chain = Array.from({ length: 1_000 }, (): Sketch => ({ answer: 'fails', needs: [{ back: 1, when: 'ok' }] }));
    const { outcomes } = await run(chain);
    expect(outcomes.slice(1).every(({ error }) => error?.code === 'dependency_failed')).toBe(true);
  });
});

describe('forEach', () => {
  const elements = (...sketches: Sketch[]): Sketch => ({ key: 'a/list', turnsOut: sketches });

  test('runs its elements side by side, and its result is all of theirs in element order', async () => {
    const { outcomes, executions, settled } = await run([
      elements({ key: 'a/1', ms: 30 }, { key: 'a/2', ms: 10 }, { key: 'a/3', ms: 20 }),
      { key: 'b/x', ms: 25 },
    ]);
    expect(executions.map(({ startMs }) => startMs)).toEqual([0, 0, 0, 0]);
    expect(outcomes[0]).toMatchObject({ status: 'ok', attempts: 3, startedMs: 0, runMs: 30 });
    expect(outcomes[0]!.items?.map(({ runMs }) => runMs)).toEqual([30, 10, 20]);
    expect(settled).toEqual([1, 0]);
  });

  test('[order] keeps the order of elements that touch the same thing, and of what comes behind', async () => {
    const { startOf } = await run([
      elements({ key: 'a/1', class: 'write', ms: 10 }, { key: 'a/1', class: 'write', ms: 10 }, { key: 'a/2', ms: 50 }),
      { key: 'a/2', class: 'write' },
    ]);
    expect([startOf('c0[0]'), startOf('c0[1]'), startOf('c0[2]'), startOf('c1')]).toEqual([0, 10, 0, 50]);
  });

  test('is as its first element that did not succeed, says how many did not, and its effect is the least certain', async () => {
    const { outcomes } = await run([
      elements(
        { key: 'a/1', class: 'write' },
        { key: 'a/2', class: 'write', answer: 'fails' },
        { key: 'a/3', answer: 'isError' },
      ),
      { needs: [{ back: 1, when: 'ok' }] },
    ]);
    expect(outcomes[0]).toMatchObject({
      status: 'failed',
      applied: 'unknown',
      error: { code: 'upstream_error', by: 'c0[1]' },
    });
    expect(outcomes[0]!.error!.message).toContain('2 of 3 elements did not succeed; c0[1]: ');
    expect(outcomes[1]).toMatchObject({ status: 'skipped', error: { by: 'c0' } });
  });

  test('[effect] is not to be sent again as it is where a part of it has taken effect', async () => {
    const stage = createStage();
    const sketches = [elements({ key: 'a/1', class: 'write' }, { key: 'a/2', class: 'write' })];
    const { outcomes } = await run(sketches, {
      stage,
      send: (call) =>
        Promise.resolve(
          call.id === 'c0[0]'
            ? { ok: true, result: { content: [] } }
            : { ok: false, sent: false, error: { code: 'server_unavailable', message: 'gone', retryable: true } },
        ),
    });
    expect(outcomes[0]!.items?.map(({ applied }) => applied)).toEqual(['yes', 'no']);
    expect(outcomes[0]).toMatchObject({ applied: 'yes', error: { retryable: false } });
  });

  test('has its turn by its place in the batch: elements of a late call do not go before an earlier call', async () => {
    const { executions } = await run(
      [
        { key: 'b/0', ms: 10 },
        { key: 'b/1', ms: 10 },
        { key: 'b/2', ms: 10 },
        elements({ key: 'a/1' }, { key: 'a/2' }),
      ],
      { maxParallel: 1 },
    );
    expect(executions.map(({ call }) => call.id)).toEqual(['c0', 'c1', 'c2', 'c3[0]', 'c3[1]']);
  });

  test('over nothing is ok, and holds nobody up', async () => {
    const { outcomes } = await run([elements(), { key: 'a/f', class: 'write', needs: [{ back: 1, when: 'ok' }] }]);
    expect(outcomes).toMatchObject([{ status: 'ok', attempts: 0, items: [] }, { status: 'ok' }]);
  });

  test('[one-result] at the deadline every element has an end, and so has the whole', async () => {
    const { outcomes } = await run(
      [elements({ key: 'a/1', ms: 10 }, { key: 'a/2', ms: 100 }, { key: 'a/3', ms: 10 })],
      { deadlineMs: 50, maxParallel: 2 },
    );
    expect(outcomes[0]!.items?.map(({ status }) => status)).toEqual(['ok', 'timeout', 'ok']);
    expect(outcomes[0]!.status).toBe('timeout');
  });

  test('under onError stop, nothing starts after its first element that fails', async () => {
    const { outcomes } = await run(
      [elements({ key: 'a/1', ms: 10, answer: 'fails' }, { key: 'a/2', ms: 10 }), { key: 'b/x' }],
      { onError: 'stop', maxParallel: 1 },
    );
    expect(outcomes[0]!.items?.map(({ error }) => error?.code)).toEqual(['upstream_error', 'stopped_after_error']);
    expect(outcomes[1]!.error).toMatchObject({ code: 'stopped_after_error', by: 'c0[0]' });
  });
});

test('[isolation] a call whose sending throws at once fails alone', async () => {
  const stage = createStage();
  const sketches: Sketch[] = [{}, {}];
  const { outcomes } = await run(sketches, {
    stage,
    send: ({ index }) => {
      if (index === 0) throw new Error('a bug');
      return Promise.resolve({ ok: true, result: { content: [] } });
    },
  });
  expect(outcomes.map(({ error }) => error?.code)).toEqual(['internal', undefined]);
});

describe('identical reads', () => {
  test('are sent once, and end together', async () => {
    const read: Sketch = { key: 'a/f', ms: 20, merges: true };
    const { outcomes, executions, settled } = await run([read, read, { key: 'a/f', class: 'write' }, read, read]);
    expect(executions.map(({ call }) => call.id)).toEqual(['c0', 'c2', 'c3']);
    expect(outcomes.map(({ deduplicatedOf }) => deduplicatedOf)).toEqual([undefined, 'c0', undefined, undefined, 'c3']);
    expect(outcomes[1]).toMatchObject({ status: 'ok', attempts: 0, runMs: 20 });
    expect(settled).toEqual([0, 1, 2, 3, 4]);
  });

  test('fail together, and take the dependents of both with them', async () => {
    const read: Sketch = { key: 'a/f', answer: 'fails', merges: true };
    const { outcomes } = await run([read, read, { key: 'b/x', needs: [{ back: 1, when: 'ok' }] }]);
    expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'failed', 'skipped']);
    expect(outcomes[2]!.error!.by).toBe('c1');
  });
});
