import { describe, expect, test } from 'vitest';
import { createStage, type Sketch } from '../stage.ts';
import { nothing, sendings, start } from '../start.ts';

const fails: Sketch = { key: 'a/1', answer: 'fails', ms: 50 };

describe('a batch with onError "stop" that has stopped', () => {
  test.each([undefined, () => 600_000])(
    'sends again what waits for that, and replies when it has ended',
    async (more) => {
      const stage = createStage();
      const again: Sketch = { key: 'a/2', tries: ['lost'], mayRepeat: { times: 2, afterTimeout: false } };
      const started = start(stage, [again, fails], { onError: 'stop', ...(more && { backgroundMs: more }) });
      await stage.clock.runOut();
      expect(sendings(stage)).toEqual(['batch c0 0', 'batch c1 0', 'batch c0 210']);
      expect(started).toMatchObject({ replyMs: 220, reply: [{ status: 'ok', attempts: 2 }, { status: 'failed' }] });
      expect(stage.scheduler.load()).toEqual(nothing);
    },
  );

  test('starts nothing in place of an identical read that is cancelled: what waited for that ends with it', async () => {
    const stage = createStage();
    const same: Sketch = { key: 'a/2', merges: true, ms: 200 };
    const started = start(stage, [same, fails, same, same], { onError: 'stop' });
    await stage.clock.pass(100);
    expect(started.handle.outcomes()).toMatchObject([{ status: 'pending' }, {}, { status: 'pending' }, {}]);
    started.handle.cancel(['c0']);
    await stage.clock.runOut();
    expect(started.replyMs).toBe(100);
    expect(started.reply?.map(({ status, attempts }) => [status, attempts])).toEqual([
      ['cancelled', 1],
      ['failed', 1],
      ['skipped', 0],
      ['skipped', 0],
    ]);
    expect(started.reply?.[2]?.error?.by).toBe('c1');
    expect(sendings(stage)).toEqual(['batch c0 0', 'batch c1 0']);
    expect(stage.scheduler.load()).toEqual(nothing);
  });

  test('ends every call once, be it stopped by what comes of that very cancellation', async () => {
    const stage = createStage();
    const same: Sketch = { key: 'a/1', merges: true };
    const invalid: Sketch = { server: 'a', needs: [{ back: 2, when: 'settled' }], turnsOut: 'invalid' };
    start(stage, [{ key: 'a/1', class: 'write', ms: 500 }], { name: 'in the way' });
    const settled: number[] = [];
    const sketches = [same, same, invalid];
    const handle = stage.scheduler.startBatch(stage.plan('batch', sketches, { onError: 'stop' }), {
      send: stage.send('batch', sketches),
      prepare: stage.prepare(sketches),
      onSettled: (index) => settled.push(index),
    });
    await stage.clock.pass(100);
    handle.cancel(['c0']);
    const outcomes = await handle.ended;
    await stage.clock.runOut();
    expect(settled.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    expect(handle.outcomes()).toBe(outcomes);
    expect(outcomes.map(({ status }) => status)).toEqual(['cancelled', 'skipped', 'invalid']);
    expect(stage.scheduler.load()).toEqual(nothing);
  });
});
