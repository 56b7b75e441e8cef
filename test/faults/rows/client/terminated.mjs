import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, checkWithin, seconds, until } from '../../harness/check.mjs';
import { checkQuiet } from '../../harness/stage.mjs';

const ways = [
  { name: 'stdio', transport: 'stdio', client: 'stdio' },
  { name: 'http', transport: 'http', client: 'legacy' },
  { name: 'http modern', transport: 'http', client: 'modern' },
];

export const terminated = {
  id: 'F21',
  title: 'SIGTERM during a batch; a second one',
  expected: 'drains up to 10 s: what runs ends and is answered; the second ends at once',
  ways,
  isPatient: true,
  limitMs: 60_000,
  async run(stage) {
    const start = async (name) => {
      const up = await stage.upstream(name, { transport: 'stdio', era: 'legacy' });
      const proxy = await stage.start([up], { http: stage.client !== 'stdio' });
      const client = stage.client === 'stdio' ? proxy : await proxy.connect({ era: stage.client });
      await client.listTools();
      await client.call(`${name}__read`, {});
      return { up, proxy, client };
    };
    const exitOf = (proxy) => Promise.race([proxy.exited, sleep(15_000, { atMs: Infinity, code: 'still there' })]);

    const first = await start('up');
    const batch = first.client.batch([
      { tool: 'up__write', arguments: { nonce: 'running', key: 'a', ms: 2_000 } },
      { tool: 'up__read', arguments: { nonce: 'beside', key: 'b', ms: 1_500 } },
    ]);
    await first.up.started('running');
    let askedMs = performance.now();
    first.proxy.signal('SIGTERM');
    const { results, rpcError, endedMs } = await batch;
    const repliedMs = endedMs - askedMs;
    checkEqual(
      results.map(({ status }) => status),
      ['ok', 'ok'],
      `the batch (${JSON.stringify(rpcError)})`,
    );
    checkEqual((await exitOf(first.proxy)).code, 0, 'the exit after a drain');
    const drainedMs = (await first.proxy.exited).atMs - askedMs;
    checkWithin(drainedMs, { atMost: 6_000 }, 'ms to the exit after 2 s of work');
    checkQuiet(first.proxy);

    // One that never ends is waited for 10 s at most.
    const hanging = await start('hung');
    void hanging.client.batch([{ tool: 'hung__never_write', arguments: { nonce: 'hung', key: 'a' } }]);
    await hanging.up.started('hung');
    askedMs = performance.now();
    hanging.proxy.signal('SIGTERM');
    const late = await exitOf(hanging.proxy);
    const hungMs = checkWithin(
      late.atMs - askedMs,
      { atLeast: 8_000, atMost: 13_000 },
      'ms to the exit with a call that hangs',
    );
    checkQuiet(hanging.proxy);

    const twice = await start('twice');
    void twice.client.batch([{ tool: 'twice__never_write', arguments: { nonce: 'hung', key: 'a' } }]);
    await twice.up.started('hung');
    twice.proxy.signal('SIGTERM');
    await sleep(500);
    check(twice.proxy.isRunning(), 'it did not drain at all');
    askedMs = performance.now();
    twice.proxy.signal('SIGTERM');
    const quick = await exitOf(twice.proxy);
    checkWithin(quick.atMs - askedMs, { atMost: 1_000 }, 'ms to the exit after the second signal');
    await until(() => stage.living().length === 0, {
      withinMs: 2_000,
      what: () => `${stage.living().length} servers still run`,
    });
    return `reply after ${seconds(repliedMs)}, exit after ${seconds(drainedMs)} (2.00 of work); with a call that hangs ${seconds(hungMs)}; second signal ${seconds(quick.atMs - askedMs)}`;
  },
};
