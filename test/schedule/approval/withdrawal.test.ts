import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/core/outcome.ts';
import { createStage, type Sketch } from '../stage.ts';
import { nothing, sendings, start, type StartOptions } from '../start.ts';
import { createPerson, declined } from './person.ts';

const write = (key: string, ms = 10): Sketch => ({ key, class: 'write', ms });
const asking = (key: string, ms = 10): Sketch => ({ ...write(key, ms), asks: true });
const shortly = (outcomes: readonly Outcome[] | undefined): string[] =>
  (outcomes ?? []).map(({ status, applied, error }) => [status, applied, error?.code].filter(Boolean).join(' '));

function setUp(sketches: readonly Sketch[], options: StartOptions = {}) {
  const stage = createStage();
  const person = createPerson(stage);
  const started = start(stage, sketches, { ...options, approver: person.approver });
  return { stage, person, started };
}

describe('[deadline] calls that nobody has approved by the deadline of their batch', () => {
  const inBackground = { deadlineMs: 1_000, backgroundMs: () => 60_000 };

  test('are pending where it goes on, and run when the yes comes', async () => {
    const { stage, person, started } = setUp([asking('a/1'), asking('a/2')], inBackground);
    await stage.clock.pass(5_000);
    expect(started.replyMs).toBe(1_000);
    expect(started.reply).toMatchObject([
      { status: 'pending', applied: 'no', attempts: 0 },
      { status: 'pending', applied: 'no', attempts: 0 },
    ]);
    expect(person.questions[0]!.withdrawnMs).toBeUndefined();
    person.questions[0]!.yes('c1');
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['denied no approval_declined', 'ok yes']);
    expect(sendings(stage)).toEqual(['batch c1 5000']);
  });

  test('end unsent when its time in the background is over, and the question is withdrawn', async () => {
    const { stage, person, started } = setUp([asking('a/1')], inBackground);
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['skipped no deadline']);
    expect(started.endedMs).toBe(61_000);
    expect(person.questions[0]!.withdrawnMs).toBe(61_000);
    expect(stage.clock.timers()).toBe(0);
  });

  test('end unsent where it cannot go on, those as well that had not been asked about', async () => {
    const open: Sketch = { turnsOut: 'known', asks: true, class: 'write' };
    const { stage, person, started } = setUp(
      [
        asking('a/1'),
        { ms: 100 },
        { ms: 60_000 },
        { ...open, needs: [{ back: 2, when: 'ok' }] },
        { ...open, needs: [{ back: 2, when: 'ok' }] },
      ],
      { deadlineMs: 1_000 },
    );
    await stage.clock.runOut();
    const late = 'skipped no deadline';
    expect(shortly(started.ended)).toEqual([late, 'ok no', 'timeout no deadline', late, late]);
    expect(person.heard()).toEqual(['c0 at 0']);
    expect(person.questions[0]!.withdrawnMs).toBe(1_000);
    expect(stage.clock.timers()).toBe(0);
  });

  test('are asked about where it had passed before the batch could begin', async () => {
    const stage = createStage();
    const person = createPerson(stage);
    await stage.clock.pass(5_000);
    const started = start(stage, [asking('a/1')], { ...inBackground, acceptedMs: 0, approver: person.approver });
    await stage.clock.pass(100);
    expect(shortly(started.reply)).toEqual(['pending no']);
    person.questions[0]!.yes();
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['ok yes']);
  });

  test('are not asked about where it had passed, and the batch cannot go on', async () => {
    const stage = createStage();
    const person = createPerson(stage);
    await stage.clock.pass(5_000);
    const started = start(stage, [asking('a/1')], { deadlineMs: 1_000, acceptedMs: 0, approver: person.approver });
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['skipped no deadline']);
    expect(person.questions).toEqual([]);
  });
});

describe('a question is withdrawn', () => {
  test.each([
    ['cancelled', 'cancel'],
    ['interrupted', 'interrupt'],
  ] as const)('when its batch is %s, and an answer that comes later counts for nothing', async (_, end) => {
    const { stage, person, started } = setUp([asking('a/1'), asking('a/2')]);
    await stage.clock.pass(100);
    started.handle[end]();
    expect(person.questions[0]!.withdrawnMs).toBe(100);
    person.questions[0]!.yes();
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['cancelled no cancelled', 'cancelled no cancelled']);
    expect(stage.executions).toEqual([]);
  });

  test('when the client takes its request back', async () => {
    const controller = new AbortController();
    const { stage, person } = setUp([asking('a/1')], { signal: controller.signal });
    await stage.clock.pass(100);
    controller.abort();
    expect(person.questions[0]!.withdrawnMs).toBe(100);
  });

  test('not before the last of its calls has ended, however that came', async () => {
    const { stage, person, started } = setUp([
      { ms: 300, answer: 'fails' },
      { ...asking('a/1'), needs: [{ back: 1, when: 'ok' }] },
      asking('a/2'),
      asking('a/3'),
    ]);
    started.handle.cancel(['c2']);
    await stage.clock.pass(500);
    expect(shortly(started.handle.outcomes())).toEqual([
      'failed no upstream_error',
      'skipped no dependency_failed',
      'cancelled no cancelled',
      'pending no',
    ]);
    expect(person.questions[0]!.withdrawnMs).toBeUndefined();
    started.handle.cancel(['c3']);
    expect(person.questions[0]!.withdrawnMs).toBe(500);
    await stage.clock.runOut();
    expect(sendings(stage)).toEqual(['batch c0 0']);
  });

  test('when the rest has been answered, and nobody needs to think about those that have ended', async () => {
    const { stage, person, started } = setUp([asking('a/1'), asking('a/2')]);
    started.handle.cancel(['c0']);
    await stage.clock.pass(100);
    person.questions[0]!.early('c1', declined);
    expect(person.questions[0]!.withdrawnMs).toBe(100);
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['cancelled no cancelled', 'denied no approval_declined']);
  });

  test('when a reload takes its server away; other questions stay', async () => {
    const stage = createStage();
    const person = createPerson(stage);
    const each: Sketch = { server: 'b', turnsOut: [{ ...asking('b/1') }] };
    const started = start(stage, [asking('a/1'), each], { approver: person.approver });
    await stage.clock.pass(100);
    const limit = { maxParallel: 8, maxParallelWrites: 8, bindsPassthrough: false };
    stage.scheduler.apply({ maxParallel: 32, servers: new Map([['b', limit]]) });
    expect(person.questions.map(({ ids, withdrawnMs }) => [ids, withdrawnMs])).toEqual([
      [['c0'], 100],
      [['c1[0]'], undefined],
    ]);
    person.questions[1]!.yes();
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['invalid no unknown_tool', 'ok yes']);
  });

  test('once, when a reload ends a call at which its batch stops', async () => {
    const stage = createStage();
    const person = createPerson(stage);
    const started = start(stage, [asking('a/1'), asking('a/2')], { onError: 'stop', approver: person.approver });
    stage.scheduler.apply({ maxParallel: 32, servers: new Map() });
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['invalid no unknown_tool', 'skipped no stopped_after_error']);
  });

  test('a batch whose calls were to be asked about together leaves no timer when it is cancelled', async () => {
    const open: Sketch = { turnsOut: 'known', asks: true, class: 'write' };
    const { stage, person, started } = setUp([
      { ms: 100 },
      { ms: 60_000 },
      { ...open, needs: [{ back: 2, when: 'ok' }] },
      { ...open, needs: [{ back: 2, when: 'ok' }] },
    ]);
    await stage.clock.pass(500);
    started.handle.cancel();
    await stage.clock.pass(0);
    expect(stage.clock.timers()).toBe(0);
    expect(person.questions).toEqual([]);
    expect(stage.scheduler.load()).toEqual(nothing);
  });
});

test('of identical reads the next is asked about when the one that was is cancelled', async () => {
  const same: Sketch = { key: 'a/1', merges: true, asks: true };
  const { stage, person, started } = setUp([same, same, same]);
  await stage.clock.pass(100);
  started.handle.cancel(['c0']);
  await stage.clock.pass(100);
  expect(person.heard()).toEqual(['c0 at 0', 'c1 at 100']);
  expect(person.questions[0]!.withdrawnMs).toBe(100);
  person.questions[0]!.yes();
  await stage.clock.pass(100);
  expect(stage.executions).toEqual([]);
  person.questions[1]!.yes();
  await stage.clock.runOut();
  expect(shortly(started.ended)).toEqual(['cancelled no cancelled', 'ok no', 'ok no']);
  expect(sendings(stage)).toEqual(['batch c1 300']);
});

test('of identical reads the next is asked about at once, even where it has still to wait', async () => {
  const same: Sketch = { key: 'a/1', merges: true, asks: true };
  const { stage, person, started } = setUp([write('a/1', 500), same, same]);
  await stage.clock.pass(100);
  started.handle.cancel(['c1']);
  await stage.clock.pass(0);
  expect(person.heard()).toEqual(['c1 at 0', 'c2 at 100']);
});
