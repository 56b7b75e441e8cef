import { describe, expect, test } from 'vitest';
import type { Approver } from '../../../src/core/approval.ts';
import type { Outcome } from '../../../src/core/outcome.ts';
import { createStage, type Sketch } from '../stage.ts';
import { nothing, sendings, start, type StartOptions } from '../start.ts';
import { createPerson, no } from './person.ts';

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

describe('while a person thinks', () => {
  test('nothing is locked and no slot is taken: others write what waits for the answer', async () => {
    const { stage, person } = setUp([asking('a/1')], { deadlineMs: 3_600_000 });
    await stage.clock.pass(60_000);
    expect(stage.scheduler.load()).toEqual(nothing);
    start(stage, [write('a/1')], { name: 'other' });
    await stage.clock.pass(100);
    person.questions[0]!.yes();
    await stage.clock.runOut();
    expect(sendings(stage)).toEqual(['other c0 60000', 'batch c0 60100']);
  });

  test('calls of the batch that conflict with it wait, in their order', async () => {
    const { stage, person } = setUp([asking('a/1'), write('a/1'), { key: 'a/2' }]);
    await stage.clock.pass(1_000);
    person.questions[0]!.yes();
    await stage.clock.runOut();
    expect(sendings(stage)).toEqual(['batch c2 0', 'batch c0 1000', 'batch c1 1010']);
  });

  test('no timeout runs', async () => {
    const { stage, person, started } = setUp([{ ...asking('a/1', 90), timeoutMs: 100 }]);
    await stage.clock.pass(20_000);
    person.questions[0]!.yes();
    await stage.clock.runOut();
    expect(started.ended).toMatchObject([{ status: 'ok', queuedMs: 20_000, runMs: 90 }]);
  });
});

describe('a yes', () => {
  test('that comes early lets the call go when its turn has come, and is used up only then', async () => {
    const { stage, person, started } = setUp([write('a/1', 500), asking('a/1')]);
    person.questions[0]!.yes();
    await stage.clock.pass(400);
    expect(person.used).toEqual([]);
    await stage.clock.runOut();
    expect(person.used).toEqual(['c1']);
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c1 500']);
    expect(shortly(started.ended)).toEqual(['ok yes', 'ok yes']);
  });

  test('to one call lets it go before the others of its question are answered', async () => {
    const { stage, person, started } = setUp([asking('a/1'), asking('a/2'), asking('a/3')]);
    await stage.clock.pass(100);
    person.questions[0]!.early('c1', { ok: true });
    person.questions[0]!.early('c2', no('approval_declined'));
    await stage.clock.pass(100);
    expect(shortly(started.handle.outcomes())).toEqual(['pending no', 'ok yes', 'denied no approval_declined']);
    // What has been answered is not answered again.
    person.questions[0]!.yes('c0', 'c2');
    await stage.clock.runOut();
    expect(sendings(stage)).toEqual(['batch c1 100', 'batch c0 200']);
    expect(person.questions[0]!.withdrawnMs).toBeUndefined();
  });

  test('to all calls of a question, one by one, withdraws nothing', async () => {
    const { stage, person, started } = setUp([asking('a/1'), asking('a/2')]);
    for (const id of ['c0', 'c1']) person.questions[0]!.early(id, { ok: true });
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['ok yes', 'ok yes']);
    expect(person.questions[0]!.withdrawnMs).toBeUndefined();
  });

  test('that does not hold when the call could go is asked for again, by itself', async () => {
    const { stage, person, started } = setUp([asking('a/1'), asking('a/2')]);
    person.forgets = 1;
    person.questions[0]!.yes();
    await stage.clock.pass(1_000);
    expect(person.heard()).toEqual(['c0 c1 at 0', 'c0 at 0']);
    expect(sendings(stage)).toEqual(['batch c1 0']);
    person.questions[1]!.yes();
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['ok yes', 'ok yes']);
  });

  test('that never holds is asked for three times more, and then the call ends', async () => {
    const { stage, person, started } = setUp([asking('a/1')]);
    person.forgets = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 4; round++) {
      person.questions[round]!.yes();
      await stage.clock.pass(10);
    }
    expect(person.questions).toHaveLength(4);
    await stage.clock.runOut();
    expect(started.ended).toMatchObject([
      { status: 'denied', applied: 'no', attempts: 0, error: { code: 'approval_unavailable' } },
    ]);
    expect(started.ended?.[0]?.error?.message).toContain('kept changing');
  });

  test('counts as none where nobody can say whether it holds', async () => {
    const stage = createStage();
    const approver: Approver = {
      ask: (calls) => Promise.resolve(calls.map(() => ({ ok: true }))),
      holds() {
        throw new Error('a bug');
      },
    };
    const started = start(stage, [asking('a/1')], { approver });
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['denied no approval_unavailable']);
    expect(stage.executions).toEqual([]);
  });
});

describe('a no', () => {
  test('ends the call at once, skips what depends on it, and nothing else', async () => {
    const { stage, person, started } = setUp([
      { key: 'b', ms: 500 },
      asking('a/1'),
      { key: 'a/2', needs: [{ back: 1, when: 'ok' }] },
      { key: 'a/3', needs: [{ back: 2, when: 'error' }] },
    ]);
    await stage.clock.pass(100);
    person.questions[0]!.no();
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual([
      'ok no',
      'denied no approval_declined',
      'skipped no dependency_failed',
      'ok no',
    ]);
    expect(started.ended?.[1]).toMatchObject({ attempts: 0, queuedMs: 100, runMs: 0 });
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c3 100']);
  });

  test('leaves the call an ordering point', async () => {
    const { stage, person } = setUp([write('a/1', 300), asking('a/1'), write('a/1')]);
    person.questions[0]!.no();
    await stage.clock.runOut();
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c2 300']);
  });

  test('stops a batch with onError "stop": its other questions are withdrawn', async () => {
    const { stage, person, started } = setUp(
      [
        { ms: 50 },
        asking('a/1'),
        asking('a/2'),
        { turnsOut: 'known', asks: true, class: 'write', needs: [{ back: 3, when: 'ok' }] },
      ],
      { onError: 'stop' },
    );
    await stage.clock.pass(100);
    expect(person.heard()).toEqual(['c1 c2 at 0', 'c3 at 50']);
    person.questions[0]!.yes('c1');
    await stage.clock.runOut();
    const stopped = 'skipped no stopped_after_error';
    expect(shortly(started.ended)).toEqual(['ok no', stopped, 'denied no approval_declined', stopped]);
    expect(person.questions.map(({ withdrawnMs }) => withdrawnMs)).toEqual([undefined, 100]);
    expect(started.endedMs).toBe(100);
    expect(stage.scheduler.load()).toEqual(nothing);
    expect(stage.clock.timers()).toBe(0);
  });

  test('to a read is one to all that are the same', async () => {
    const same: Sketch = { key: 'a/1', merges: true, asks: true };
    const { stage, person, started } = setUp([same, same]);
    person.questions[0]!.no();
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['denied no approval_declined', 'denied no approval_declined']);
    expect(started.ended?.[1]?.deduplicatedOf).toBeUndefined();
  });
});

describe('where nobody can be asked', () => {
  test('each call that needs it ends, with the reason and what the user can do, and the others run', async () => {
    const stage = createStage();
    const started = start(stage, [asking('a/1'), { key: 'a/2' }, { ...asking('a/3'), mend: 'add x to "allow:"' }]);
    await stage.clock.runOut();
    const ended = started.ended!;
    expect(shortly(ended)).toEqual(['denied no approval_unavailable', 'ok no', 'denied no approval_unavailable']);
    expect(ended[0]?.error?.message).toBe('not run: it needs approval: a test asks, and nobody can be asked');
    expect(ended[2]?.error?.message).toBe(
      'not run: it needs approval: a test asks, and nobody can be asked; for it to run unasked, the user can add x to "allow:"',
    );
  });

  test('a batch with onError "stop" stops at the first of them', async () => {
    const stage = createStage();
    const started = start(stage, [asking('a/1'), asking('a/2'), { key: 'a/3' }], { onError: 'stop' });
    await stage.clock.runOut();
    const stopped = 'skipped no stopped_after_error';
    expect(shortly(started.ended)).toEqual(['denied no approval_unavailable', stopped, stopped]);
    expect(stage.scheduler.load()).toEqual(nothing);
  });

  test.each<[string, Approver['ask']]>([
    [
      'throws',
      () => {
        throw new Error('a bug');
      },
    ],
    ['rejects', () => Promise.reject(new Error('a bug'))],
    ['forgets a call', () => Promise.resolve([{ ok: true }])],
  ])('since who asks %s, nothing is sent, and nothing of the mistake is told', async (_, ask) => {
    const stage = createStage();
    const approver: Approver = { ask, holds: () => true };
    const started = start(stage, [asking('a/1'), asking('a/2'), { key: 'b' }], { approver });
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['failed no internal', 'failed no internal', 'ok no']);
    expect(started.ended?.[0]?.error?.message).not.toContain('a bug');
    expect(sendings(stage)).toEqual(['batch c2 0']);
  });
});
