import { check, checkEqual, checkWithin, millis } from '../../harness/check.mjs';
import { compareLatency } from '../../harness/compare-latency.mjs';
import { bothTransports } from '../ways.mjs';

export const healthyBesideBad = {
  id: 'B3',
  isLoud: true,
  title: 'one upstream hung and one flooding',
  expected: 'calls to a healthy one slower by at most 50 ms at the 99th percentile',
  ways: bothTransports,
  limitMs: 60_000,
  async run(stage) {
    const names = ['healthy', 'hung', 'flooding'];
    const proxy = await stage.start(await Promise.all(names.map((name) => stage.upstream(name))));
    await proxy.listTools();
    for (const name of names) await proxy.call(`${name}__read`, {});
    let made = 0;
    const call = async () => {
      const nonce = `n${(made += 1)}`;
      const { text, tookMs, error } = await proxy.call('healthy__read', { nonce });
      checkEqual(text, nonce, `a call of the healthy one (${error?.message ?? ''})`);
      return tookMs;
    };
    // The one hangs in calls and in batches, whose ends nobody waits for here; the other floods with all that it has.
    const disturb = (ms) => {
      const never = Array.from({ length: 20 }, (_, i) => ({
        tool: 'hung__never',
        arguments: { key: `k${i}` },
        timeoutMs: ms,
      }));
      for (let i = 0; i < 10; i += 1) void proxy.call('hung__never', {});
      void proxy.batch(never, { deadlineMs: ms });
      const floods = [
        proxy.call('flooding__storm', { kind: 'log', perSecond: 2_000, ms, size: 500 }),
        proxy.call('flooding__storm', { kind: 'list', perSecond: 100, ms }),
        ...(stage.transport === 'stdio' ? [proxy.call('flooding__flood', { megabytes: 50 })] : []),
      ];
      return Promise.all(floods);
    };
    const { quietMs, busyMs, slowerMs, calls } = await compareLatency({ call, disturb, spanMs: 1_500, lanes: 4 });
    const figures = `p99 ${millis(quietMs)} alone, ${millis(busyMs)} beside`;
    check(calls > 100, `only ${calls} calls`);
    checkWithin(slowerMs, { atMost: 50 }, `ms slower (${figures})`);
    return `${figures}: ${millis(slowerMs)} slower`;
  },
};
