import { setTimeout as sleep } from 'node:timers/promises';
import { checkEqual, checkWithin, check, seconds, until } from '../../harness/check.mjs';
import { checkQuiet } from '../../harness/stage.mjs';
import { isRunning } from '../../harness/processes.mjs';

const ways = [
  { name: 'stdin closed', transport: 'stdio', how: 'closed' },
  { name: 'stdout broken', transport: 'stdio', how: 'broken' },
];

export const goesAway = {
  id: 'F20',
  title: 'the client closes stdin; stdout breaks (EPIPE)',
  expected: 'exit 0 within 5 s, children gone, no stack trace',
  ways,
  isPatient: true,
  async run(stage) {
    const up = await stage.upstream('up', { stubborn: true, grandchild: true });
    const plain = await stage.upstream('plain');
    const proxy = await stage.start([up, plain]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    await proxy.call('plain__read', {});
    void proxy.batch([
      { tool: 'up__read', arguments: { nonce: 'running', ms: 60_000 } },
      { tool: 'plain__write', arguments: { nonce: 'writing', key: 'k', ms: 60_000 } },
    ]);
    await up.started('running');
    const pids = stage.living();
    check(pids.length >= 3 && pids.every(isRunning), `${pids.length} processes run`);
    const leftMs = performance.now();
    if (stage.how === 'closed') proxy.endInput();
    else {
      proxy.breakStdout();
      // It learns of the break when it writes.
      proxy.session.send({ id: 99, method: 'ping' });
    }
    const { code, signal, atMs } = await Promise.race([
      proxy.exited,
      sleep(10_000, { atMs: Infinity, code: 'still there' }),
    ]);
    checkEqual([code, signal ?? null], [0, null], 'its exit');
    checkWithin(atMs - leftMs, { atMost: 5_000 }, 'ms to its exit');
    await until(() => stage.living().length === 0, {
      withinMs: 2_000,
      what: () => `${stage.living().length} processes still run`,
    });
    const goneMs = performance.now() - leftMs;
    checkQuiet(proxy);
    return `exit 0 after ${seconds(atMs - leftMs)}, ${pids.length} processes gone after ${seconds(goneMs)}`;
  },
};
