import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, checkWithin, millis, percentile } from '../../harness/check.mjs';
import { bothTransports } from '../ways.mjs';

const measureMs = 6_000;

export const healthyBesideBad = {
  id: 'B3',
  title: 'one upstream hung and one flooding',
  expected: 'calls to a healthy one slower by at most 50 ms at the 99th percentile',
  ways: bothTransports,
  limitMs: 60_000,
  async run(stage) {
    const [healthy, hung, flooding] = [await stage.upstream('healthy'), await stage.upstream('hung'), await stage.upstream('flooding')];
    const proxy = await stage.start([healthy, hung, flooding]);
    await proxy.listTools();
    for (const name of ['healthy', 'hung', 'flooding']) await proxy.call(`${name}__read`, {});
    const measure = async (ms) => {
      const took = [];
      const endMs = performance.now() + ms;
      const lane = async () => {
        while (performance.now() < endMs) {
          const nonce = `n${took.length}-${Math.random()}`;
          const { text, tookMs } = await proxy.call('healthy__read', { nonce });
          checkEqual(text, nonce, 'a call of the healthy one');
          took.push(tookMs);
          await sleep(4);
        }
      };
      await Promise.all([lane(), lane(), lane(), lane()]);
      return took;
    };
    await measure(500);
    const alone = await measure(measureMs);
    // Hung in batches and by itself, and flooded with both kinds of notices, results of 5 MB and (stdio) stderr.
    const hanging = Array.from({ length: 20 }, (_, i) => proxy.call('hung__never', { nonce: `h${i}` }));
    const batches = [0, 1, 2].map(() =>
      proxy.batch(Array.from({ length: 20 }, (_, i) => ({ tool: 'hung__never', arguments: { key: `k${i}` }, timeoutMs: measureMs })),
      ),
    );
    const storms = [
      proxy.call('flooding__storm', { kind: 'log', perSecond: 2_000, ms: measureMs, size: 500 }),
      proxy.call('flooding__storm', { kind: 'list', perSecond: 100, ms: measureMs }),
      ...(stage.transport === 'stdio' ? [proxy.call('flooding__flood', { megabytes: 100 })] : []),
    ];
    const beside = await measure(measureMs);
    await Promise.all(storms);
    const slower = percentile(beside, 0.99) - percentile(alone, 0.99);
    check(beside.length > 100, `only ${beside.length} calls`);
    checkWithin(slower, { atMost: 50 }, `ms slower at p99 (${millis(percentile(alone, 0.99))} alone, ${millis(percentile(beside, 0.99))} beside)`);
    // They would take their time: a server that hangs is given few calls at once.
    void [...hanging, ...batches];
    return `p99 ${millis(percentile(alone, 0.99))} alone, ${millis(percentile(beside, 0.99))} beside: ${millis(Math.max(0, slower))} slower`;
  },
};
