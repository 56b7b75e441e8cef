import { check, checkEqual, checkWithin, millis, seconds, until } from '../../harness/check.mjs';
import { signal } from '../../harness/processes.mjs';
import { allWays } from '../ways.mjs';

export const stopped = {
  id: 'F15',
  title: 'SIGSTOP and SIGCONT of an upstream',
  expected: 'timeouts, the circuit opens, the probe after it finds it back',
  ways: allWays,
  isPatient: true,
  limitMs: 120_000,
  async run(stage) {
    const up = await stage.upstream('up');
    const other = await stage.upstream('other');
    const proxy = await stage.start([up, other]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    const pid = up.pid();
    stage.closeLater(() => signal(pid, 'SIGCONT'));
    signal(pid, 'SIGSTOP');
    const stoppedMs = performance.now();
    let timeouts = 0;
    const refused = await until(
      async () => {
        const { results } = await proxy.batch([
          { tool: 'up__read', arguments: { nonce: 'n', key: `k${timeouts}` }, timeoutMs: 500 },
        ]);
        if (results[0]?.status === 'timeout') timeouts += 1;
        return results[0]?.error?.code === 'server_unavailable' && results[0];
      },
      { withinMs: 60_000, everyMs: 200, what: () => `the circuit does not open (${timeouts} timeouts)` },
    );
    const openMs = performance.now() - stoppedMs;
    check(timeouts > 0, 'nothing timed out');
    const { tookMs, results } = await proxy.batch([{ tool: 'up__read', arguments: { nonce: 'n' } }]);
    checkEqual(results[0]?.error?.code, 'server_unavailable', 'a call of an open circuit');
    checkWithin(tookMs, { atMost: 100 }, 'ms in which an open circuit refuses a call');
    checkEqual((await proxy.call('other__read', { nonce: 'x' })).text, 'x', 'a call of another upstream');
    signal(pid, 'SIGCONT');
    const continuedMs = performance.now();
    await until(
      async () =>
        (await proxy.batch([{ tool: 'up__read', arguments: { nonce: 'back' }, timeoutMs: 500 }])).results[0]?.status ===
        'ok',
      { withinMs: 45_000, everyMs: 200, what: 'it is not found back' },
    );
    const backMs = performance.now() - continuedMs;
    checkWithin(backMs, { atMost: 35_000 }, 'ms from SIGCONT until it is found back');
    checkEqual(up.pid(), pid, 'the process that answers');
    return `open after ${timeouts} timeouts (${seconds(openMs)}), refuses in ${millis(tookMs)}: “${refused.error.message.slice(0, 60)}…”; back ${seconds(backMs)} after SIGCONT`;
  },
};
