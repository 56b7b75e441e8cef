import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/core/outcome.ts';
import { createStage, type Sketch } from '../stage.ts';
import { nothing, sendings, start } from '../start.ts';

const shortly = (outcomes: readonly Outcome[] | undefined): string[] =>
  (outcomes ?? []).map(({ status, applied, error }) => [status, applied, error?.code].filter(Boolean).join(' '));
const write: Sketch = { class: 'write', ms: 500 };

describe('a batch that is cancelled', () => {
  test('starts nothing from then on; its reads end at once, its writes share one grace', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 3 }, b: { maxParallel: 8 } } });
    const started = start(stage, [
      { ...write, key: 'a/1' },
      { ...write, key: 'a/2', answer: 'never' },
      { key: 'a/3', ms: 5_000 },
      { key: 'a/4' },
    ]);
    await stage.clock.pass(100);
    expect(started.handle.cancel()).toEqual([]);
    expect(started.handle.cancel()).toEqual([]);
    await stage.clock.pass(5_000);
    expect(shortly(started.ended)).toEqual([
      'ok yes',
      'cancelled unknown cancelled',
      'cancelled no cancelled',
      'cancelled no cancelled',
    ]);
    expect(started.endedMs).toBe(2_100);
    expect(stage.executions).toHaveLength(3);
    expect(stage.scheduler.load()).toEqual(nothing);
    expect(stage.clock.timers()).toBe(0);
  });

  test('leaves no timer behind where its writes end before the grace does', async () => {
    const stage = createStage();
    const started = start(stage, [{ ...write, key: 'a/1' }]);
    await stage.clock.pass(100);
    started.handle.cancel();
    await stage.clock.pass(400);
    expect(shortly(started.ended)).toEqual(['ok yes']);
    expect(stage.clock.timers()).toBe(0);
  });

  test('can be cancelled in the background, too', async () => {
    const stage = createStage();
    const started = start(stage, [{ key: 'a', ms: 60_000 }], { deadlineMs: 1_000, backgroundMs: () => 600_000 });
    await stage.clock.pass(5_000);
    started.handle.cancel();
    await stage.clock.runOut();
    expect(started.endedMs).toBe(5_000);
    expect(shortly(started.reply)).toEqual(['pending no']);
    expect(shortly(started.ended)).toEqual(['cancelled no cancelled']);
    expect(stage.clock.timers()).toBe(0);
  });
});

describe('calls that are cancelled by their ids', () => {
  test('end as in a cancelled batch, and the rest goes on', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 3 }, b: { maxParallel: 8 } } });
    const started = start(stage, [
      { ...write, key: 'a/1', answer: 'never' },
      { key: 'a/2', ms: 5_000 },
      { ...write, key: 'a/3' },
      { key: 'a/4' },
      { key: 'a/5' },
      { key: 'b', needs: [{ back: 2, when: 'ok' }] },
    ]);
    await stage.clock.pass(100);
    expect(started.handle.cancel(['c0', 'c1', 'c3'])).toEqual([]);
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual([
      'cancelled unknown cancelled',
      'cancelled no cancelled',
      'ok yes',
      'cancelled no cancelled',
      'ok no',
      'skipped no dependency_failed',
    ]);
    expect(started.ended?.[0]?.runMs).toBe(2_100);
    expect(started.ended?.[5]?.error?.by).toBe('c3');
    expect(stage.scheduler.load()).toEqual(nothing);
    expect(stage.clock.timers()).toBe(0);
  });

  test('are not sent again where they fail on the way: idempotent writes as well', async () => {
    const stage = createStage();
    const mayRepeat = { times: 2, afterTimeout: true };
    const started = start(stage, [
      { ...write, key: 'a/1', mayRepeat, answer: 'lost' },
      { ...write, key: 'a/2', mayRepeat, timeoutMs: 400, answer: 'never' },
      { ...write, key: 'a/3', mayRepeat, tries: ['lost'] },
    ]);
    await stage.clock.pass(100);
    started.handle.cancel(['c0', 'c1']);
    await stage.clock.runOut();
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c1 0', 'batch c2 0', 'batch c2 700']);
    expect(started.ended?.map(({ error, applied, attempts }) => [error?.code, applied, attempts])).toEqual([
      ['connection_lost', 'unknown', 1],
      ['timeout', 'unknown', 1],
      [undefined, 'yes', 2],
    ]);
    expect(stage.scheduler.load()).toEqual(nothing);
  });

  test('that have ended, or are none, are told', async () => {
    const stage = createStage();
    const started = start(stage, [{ key: 'a/1' }, { key: 'a/2', ms: 500 }]);
    await stage.clock.pass(100);
    expect(started.handle.cancel(['c0', 'c7', 'c1'])).toEqual(['c0', 'c7']);
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['ok no', 'cancelled no cancelled']);
    expect(started.handle.cancel(['c1'])).toEqual(['c1']);
  });

  test('are no failure at which a batch with onError "stop" stops', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 1 }, b: { maxParallel: 8 } } });
    const each: Sketch = {
      server: 'b',
      turnsOut: [
        { key: 'b/1', ms: 500 },
        { key: 'b/2', ms: 50 },
      ],
    };
    const started = start(stage, [{ key: 'a/1', ms: 500 }, each, { key: 'a/2' }, { key: 'a/3' }], { onError: 'stop' });
    await stage.clock.pass(100);
    started.handle.cancel(['c0', 'c1[0]', 'c2']);
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual([
      'cancelled no cancelled',
      'cancelled no cancelled',
      'cancelled no cancelled',
      'ok no',
    ]);
    expect(shortly(started.ended?.[1]?.items)).toEqual(['cancelled no cancelled', 'ok no']);
  });

  test('take their elements with them', async () => {
    const stage = createStage();
    const each: Sketch = {
      server: 'a',
      turnsOut: [
        { key: 'a/1', ms: 500 },
        { key: 'a/2', ms: 50 },
        { key: 'a/3', ms: 500 },
      ],
    };
    const started = start(stage, [each, { key: 'b' }]);
    await stage.clock.pass(100);
    started.handle.cancel(['c0']);
    await stage.clock.runOut();
    expect(shortly(started.ended?.[0]?.items)).toEqual(['cancelled no cancelled', 'ok no', 'cancelled no cancelled']);
    expect(started.endedMs).toBe(100);
  });

  test.each([0, 100])('leave the reads that are identical to them running, %i ms after they came', async (ms) => {
    const stage = createStage({ servers: { a: { maxParallel: 1 }, b: { maxParallel: 8 } } });
    const same: Sketch = { key: 'a/1', merges: true, ms: 300 };
    const started = start(stage, [{ key: 'a/0', ms: 50 }, same, same, same]);
    await stage.clock.pass(ms);
    started.handle.cancel(['c1', 'c3']);
    await stage.clock.runOut();
    expect(shortly(started.ended)).toEqual(['ok no', 'cancelled no cancelled', 'ok no', 'cancelled no cancelled']);
    expect(started.ended?.[2]?.attempts).toBe(1);
    expect(sendings(stage).at(-1)).toBe(ms === 0 ? 'batch c2 50' : 'batch c2 100');
    expect(stage.scheduler.load()).toEqual(nothing);
  });

  test('leave one of those identical reads to be sent for the others', async () => {
    const stage = createStage();
    const same: Sketch = { key: 'a/1', merges: true, ms: 300 };
    const started = start(stage, [same, same, same, same], { deadlineMs: 200, backgroundMs: () => 60_000 });
    await stage.clock.pass(100);
    started.handle.cancel(['c0']);
    await stage.clock.runOut();
    expect(started.reply?.map(({ deduplicatedOf, runMs }) => [deduplicatedOf, runMs])).toEqual([
      [undefined, 100],
      [undefined, 100],
      ['c1', 100],
      ['c1', 100],
    ]);
    expect(shortly(started.ended)).toEqual(['cancelled no cancelled', 'ok no', 'ok no', 'ok no']);
    expect(started.ended?.map(({ deduplicatedOf }) => deduplicatedOf)).toEqual([undefined, undefined, 'c1', 'c1']);
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c1 100']);
  });

  test('stay ordering points: who waited for what they waited for still does', async () => {
    const stage = createStage();
    const started = start(stage, [
      { key: 'a/f', class: 'write', ms: 300 },
      { key: 'a/f', class: 'write', ms: 10 },
      { key: 'a/f', class: 'write', ms: 10 },
    ]);
    started.handle.cancel(['c1']);
    await stage.clock.runOut();
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c2 300']);
  });
});
