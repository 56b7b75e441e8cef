import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, checkWithin, megabytes, seconds, until } from '../../harness/check.mjs';
import { residentBytes } from '../../harness/processes.mjs';
import { stdio } from '../ways.mjs';

export const readsNoStdin = {
  id: 'F14',
  isLoud: true,
  title: 'an upstream that does not read its stdin',
  expected: 'bounded queue, then `server_unavailable`, restart after a stall',
  ways: [stdio],
  isPatient: true,
  limitMs: 120_000,
  async run(stage) {
    const up = await stage.upstream('up', { policy: { limits: { retries: 0 } } });
    const other = await stage.upstream('other');
    const proxy = await stage.start([up, other]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    await proxy.call('up__stall', {});
    await until(() => up.log().some(({ what }) => what === 'stall'), { withinMs: 2_000, what: 'it still reads' });
    const before = residentBytes(proxy.pid);
    const stalledMs = performance.now();
    const large = 'x'.repeat(5_000_000);
    const calls = Array.from({ length: 20 }, (_, i) =>
      proxy.call('up__write', { nonce: `n${i}`, key: `k${i}`, large }),
    );
    const refused = await Promise.race(calls);
    check(refused.isError, 'a call succeeded');
    const words = `${refused.error?.message ?? ''}${refused.text ?? ''}`;
    check(/not available|does not read/.test(words), `the call that is over the queue: ${words.slice(0, 200)}`);
    // What is left of the queue is less than one of these now.
    const medium = large.slice(0, 500_000);
    for (let i = 0; i < 20; i += 1) {
      if (
        (await Promise.race([proxy.call('up__write', { key: `m${i}`, medium }), sleep(300, { isError: false })]))
          .isError
      )
        break;
    }
    const { results } = await proxy.batch([
      { tool: 'up__write', arguments: { nonce: 'b', key: 'b', medium }, timeoutMs: 5_000 },
    ]);
    checkEqual(results[0]?.error?.code, 'server_unavailable', 'a batch’s call over the queue');
    checkEqual((await proxy.call('other__read', { nonce: 'x' })).text, 'x', 'a call of another upstream');
    const grown = residentBytes(proxy.pid) - before;
    checkWithin(grown / 1e6, { atMost: 400 }, 'MB of memory that it takes');
    const pid = up.pid();
    await until(() => up.pid() !== pid, { withinMs: 60_000, everyMs: 100, what: 'it was not restarted' });
    const restartMs = performance.now() - stalledMs;
    await until(async () => (await proxy.call('up__read', { nonce: 'next' })).text === 'next', {
      withinMs: 35_000,
      everyMs: 100,
      what: 'the next call does not work',
    });
    const backMs = performance.now() - stalledMs;
    return `refused with 64 MiB queued, +${megabytes(grown)}; restarted after ${seconds(restartMs)}, the next call ok after ${seconds(backMs)}`;
  },
};
