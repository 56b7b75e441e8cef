import { expect, test } from 'vitest';
import { createStage, type Sketch, type Stage } from '../stage.ts';
import { nothing, sendings, start } from '../start.ts';

const one: Sketch = { server: 'a', ms: 100 };

/** Clients that send one call after the other, for ten seconds. */
const clients = {
  'passthrough calls': (stage: Stage) =>
    stage.scheduler.runPassthrough(stage.call(one), { send: stage.send('other', [one]) }),
  'batches of one': (stage: Stage) => start(stage, [one], { name: 'other' }).handle.reply,
};

test.each(['passthrough calls', 'batches of one'] as const)(
  'a batch has its turn at a server of one slot beside two clients that never stop sending %s',
  async (way) => {
    const only = { maxParallel: 1, bindsPassthrough: true };
    const stage = createStage({ servers: { a: only, b: { maxParallel: 8 } } });
    const keepOn = async (): Promise<void> => {
      while (stage.clock.now() < 10_000) await clients[way](stage);
    };
    void keepOn();
    void keepOn();
    await stage.clock.pass(1_000);
    const started = start(stage, [one, one]);
    await stage.clock.runOut();
    // Every eighth slot of the server goes to whoever came first; with one call left, the batch is as small as the others.
    const own = sendings(stage).filter((sending) => sending.startsWith('batch'));
    expect(own).toHaveLength(2);
    expect(started.replyMs).toBeLessThanOrEqual(1_000 + 10 * 100);
    expect(started.reply).toMatchObject([{ status: 'ok' }, { status: 'ok' }]);
    expect(stage.executions.length).toBeGreaterThan(95);
    expect(stage.scheduler.load()).toEqual(nothing);
  },
);
