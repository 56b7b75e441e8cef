import { describe, expect, test } from 'vitest';
import { createStage, type Sketch } from '../stage.ts';
import { nothing, sendings, start, type StartOptions } from '../start.ts';
import { createPerson } from './person.ts';

const known: Sketch = { turnsOut: 'known', asks: true, class: 'write' };
const write = (key: string, ms = 10): Sketch => ({ key, class: 'write', ms });

/** A batch with somebody who is asked. */
function setUp(sketches: readonly Sketch[], options: StartOptions = {}) {
  const stage = createStage();
  const person = createPerson(stage);
  const started = start(stage, sketches, { ...options, approver: person.approver });
  return { stage, person, started };
}

describe('a person is asked', () => {
  test('at the start, in one question, about every call that is known, whatever it has to wait for', async () => {
    const { stage, person } = setUp([
      { key: 'a/1', ms: 500 },
      { ...write('a/2'), asks: true, needs: [{ back: 1, when: 'ok' }] },
      write('a/3', 500),
      { ...write('a/3'), asks: true },
      { key: 'b', ms: 20 },
    ]);
    expect(person.heard()).toEqual(['c1 c3 at 0']);
    await stage.clock.pass(100);
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c2 0', 'batch c4 0']);
  });

  test('once about a read that stands in the batch twice', async () => {
    const same: Sketch = { key: 'a/1', merges: true, asks: true };
    const { stage, person, started } = setUp([same, same]);
    expect(person.heard()).toEqual(['c0 at 0']);
    person.questions[0]!.yes();
    await stage.clock.runOut();
    expect(started.ended).toMatchObject([{ status: 'ok' }, { status: 'ok', deduplicatedOf: 'c0' }]);
    expect(person.questions).toHaveLength(1);
  });

  test('about what becomes known later when the last of it is known, in one question more', async () => {
    const { stage, person } = setUp([
      { key: 'a/1', ms: 100 },
      { key: 'b/1', ms: 700 },
      { ...known, key: 'a/2', needs: [{ back: 2, when: 'ok' }] },
      { ...known, key: 'b/2', server: 'b', needs: [{ back: 2, when: 'ok' }] },
      // Nobody needs to be asked about it.
      { turnsOut: 'known', needs: [{ back: 4, when: 'ok' }], ms: 5_000 },
      { turnsOut: 'known', needs: [{ back: 1, when: 'ok' }] },
    ]);
    await stage.clock.pass(2_000);
    expect(person.heard()).toEqual(['c2 c3 at 700']);
  });

  test('about all elements of a call at once, those that wait for others as well', async () => {
    const each: Sketch = {
      server: 'a',
      turnsOut: [{ ...write('a/1'), asks: true }, { ...write('a/1'), asks: true }, { key: 'a/2' }],
      needs: [{ back: 1, when: 'ok' }],
    };
    const { stage, person, started } = setUp([{ ms: 50 }, each]);
    await stage.clock.pass(1_000);
    expect(person.heard()).toEqual(['c1[0] c1[1] at 50']);
    person.questions[0]!.yes('c1[1]');
    await stage.clock.runOut();
    expect(started.ended?.[1]?.items?.map(({ status }) => status)).toEqual(['denied', 'ok', 'ok']);
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c1[2] 50', 'batch c1[1] 1000']);
  });

  test('at the latest 10 s after the first of them has become known', async () => {
    const { stage, person } = setUp([
      { key: 'a/1', ms: 1_000 },
      { key: 'b/1', ms: 40_000 },
      { ...known, key: 'a/2', needs: [{ back: 2, when: 'ok' }] },
      { ...known, key: 'b/2', server: 'b', needs: [{ back: 2, when: 'ok' }] },
    ]);
    await stage.clock.pass(45_000);
    expect(person.heard()).toEqual(['c2 at 11000', 'c3 at 40000']);
  });

  test('without waiting for calls that are skipped, and turn out to need nobody', async () => {
    const { stage, person } = setUp([
      { ms: 100 },
      { ms: 500, answer: 'fails' },
      { ms: 900 },
      { ...known, needs: [{ back: 3, when: 'ok' }] },
      { ...known, needs: [{ back: 3, when: 'ok' }] },
      { turnsOut: 'invalid', asks: true, needs: [{ back: 3, when: 'ok' }] },
    ]);
    await stage.clock.pass(5_000);
    expect(person.heard()).toEqual(['c3 at 900']);
  });

  test.each<[string, Sketch]>([
    ['a call', { turnsOut: 'known', mayAsk: true, key: 'a/2', ms: 15_000 }],
    ['elements', { server: 'a', turnsOut: [{ key: 'a/2', ms: 15_000 }], mayAsk: true }],
  ])('without waiting any longer for what has turned out to need nobody: %s', async (_, later) => {
    const { stage, person } = setUp([
      { server: 'b', ms: 30_000 },
      // It has ended after 100 ms, and is in the way for 30 s more.
      { key: 'a/1', class: 'write', answer: 'never', timeoutMs: 100 },
      { ...known, server: 'b', needs: [{ back: 2, when: 'ok' }] },
      later,
    ]);
    await stage.clock.pass(45_000);
    expect(person.heard()).toEqual(['c2 at 30100']);
  });

  test.each([
    ['its result is used', 1_010, { ...known, needs: [{ back: 2, when: 'ok' }] }],
    ['it goes before on the same key', 1_020, { ...known, key: 'a/1' }],
    ['it is further up', 1_020, { ...known, needs: [{ back: 1, when: 'ok' }] }],
  ] satisfies [string, number, Sketch][])(
    'without waiting for a call that waits for an answer itself: %s',
    async (_, ms, later) => {
      const { stage, person } = setUp([
        { server: 'b', ms: 30 },
        { ...known, key: 'b/2', server: 'b', needs: [{ back: 1, when: 'ok' }] },
        { ...write('a/1'), asks: true },
        { ...write('a/1'), needs: [{ back: 1, when: 'settled' }] },
        later,
      ]);
      await stage.clock.pass(1_000);
      expect(person.heard()).toEqual(['c2 at 0', 'c1 at 30']);
      person.questions[0]!.yes();
      await stage.clock.pass(1_000);
      expect(person.heard().slice(2)).toEqual([`c4 at ${ms}`]);
    },
  );

  test('without waiting for what waits for elements that are asked about', async () => {
    const each: Sketch = { server: 'a', turnsOut: [{ ...write('a/1'), asks: true }] };
    const { stage, person } = setUp([
      each,
      { ...known, server: 'b', needs: [{ back: 1, when: 'ok' }] },
      { ...known, server: 'b' },
    ]);
    await stage.clock.pass(100);
    expect(person.heard()).toEqual(['c0[0] c2 at 0']);
    person.questions[0]!.yes('c0[0]');
    await stage.clock.pass(100);
    expect(person.heard().slice(1)).toEqual(['c1 at 110']);
  });

  test('in several questions at once, each answered by itself', async () => {
    const { stage, person, started } = setUp([
      { ...write('a/1'), asks: true },
      { ms: 50 },
      { ...known, server: 'b', needs: [{ back: 1, when: 'ok' }] },
    ]);
    await stage.clock.pass(100);
    expect(person.heard()).toEqual(['c0 at 0', 'c2 at 50']);
    person.questions[1]!.yes();
    await stage.clock.pass(100);
    expect(started.handle.outcomes().map(({ status }) => status)).toEqual(['pending', 'ok', 'ok']);
    person.questions[0]!.no();
    await stage.clock.runOut();
    expect(started.ended?.map(({ status }) => status)).toEqual(['denied', 'ok', 'ok']);
    expect(stage.scheduler.load()).toEqual(nothing);
    expect(stage.clock.timers()).toBe(0);
  });
});

test('nobody is asked about a batch that needs no approval', async () => {
  const { stage, person } = setUp([write('a/1'), { turnsOut: 'known' }]);
  await stage.clock.runOut();
  expect(person.questions).toEqual([]);
});
