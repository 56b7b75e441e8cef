import { describe, expect, test } from 'vitest';
import { createStage, type Sketch } from '../stage.ts';
import { nothing, start } from '../start.ts';

/** What nobody caught while this ran, in place of those who watch for it otherwise. */
async function uncaughtDuring(run: () => Promise<unknown>): Promise<string[]> {
  const found: string[] = [];
  const crashListeners = process.listeners('uncaughtException');
  const rejectionListeners = process.listeners('unhandledRejection');
  const listenNoMore = (): void =>
    void process.removeAllListeners('uncaughtException').removeAllListeners('unhandledRejection');
  listenNoMore();
  process.on('uncaughtException', (error) => found.push(`uncaught: ${error.message}`));
  process.on('unhandledRejection', (reason) => found.push(`rejected: ${String(reason)}`));
  try {
    await run();
  } finally {
    listenNoMore();
    for (const listener of crashListeners) process.on('uncaughtException', listener);
    for (const listener of rejectionListeners) process.on('unhandledRejection', listener);
  }
  return found;
}

describe('a listener that throws', () => {
  const sketches: Sketch[] = [
    { key: 'a/f', class: 'write' },
    { key: 'a/f', class: 'write', ms: 3_100, timeoutMs: 100 },
    { key: 'a/g', needs: [{ back: 2, when: 'ok' }] },
    { key: 'b', answer: 'never' },
  ];

  test('keeps no call from ending, and nobody else from hearing', async () => {
    const stage = createStage();
    const heard: string[] = [];
    const found = await uncaughtDuring(async () => {
      const handle = stage.scheduler.startBatch(stage.plan('batch', sketches), {
        send: stage.send('batch', sketches),
        onSettled(index) {
          throw new Error(`at ${index}`);
        },
      });
      handle.onChange(() => {
        throw new Error('at a change');
      });
      handle.onChange(() =>
        heard.push(
          handle
            .outcomes()
            .map(({ status }) => status)
            .join(' '),
        ),
      );
      let isReplied = false;
      void handle.reply.then(() => (isReplied = true));
      await stage.clock.pass(1_000);
      handle.cancel(['c3']);
      await stage.clock.runOut();
      expect(isReplied).toBe(true);
    });
    expect(heard).toEqual([
      'ok pending pending pending',
      'ok pending ok pending',
      'ok timeout ok pending',
      'ok timeout ok cancelled',
      // What was learnt late.
      'ok timeout ok cancelled',
    ]);
    expect(stage.scheduler.load()).toEqual(nothing);
    expect(stage.clock.timers()).toBe(0);
    // They are not hidden: each comes out as a mistake of its own.
    const own = ['at 0', 'at 2', 'at 1', 'at 3'].flatMap((when) => [when, 'at a change']);
    expect(found).toEqual([...own, 'at a change'].map((when) => `uncaught: ${when}`));
  });

  test('leaves the other batches and their slots alone', async () => {
    const stage = createStage({ servers: { a: { maxParallel: 1 }, b: { maxParallel: 1 } } });
    await uncaughtDuring(async () => {
      const one: Sketch = { server: 'a' };
      stage.scheduler.startBatch(stage.plan('first', [one]), {
        send: stage.send('first', [one]),
        onSettled() {
          throw new Error('at its end');
        },
      });
      const second = start(stage, [one, one], { name: 'second' });
      await stage.clock.runOut();
      expect(second).toMatchObject({ replyMs: 30, reply: [{ status: 'ok' }, { status: 'ok' }] });
    });
    expect(stage.scheduler.load()).toEqual(nothing);
  });
});
