import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, seconds } from '../../harness/check.mjs';
import { textOf } from '../../harness/client/calls.mjs';
import { readCalls } from '../../harness/journal.mjs';
import { bothTransports } from '../ways.mjs';

const hourMs = 3_600_000;

export const clock = {
  id: 'F24',
  title: 'clock jumps of hours; an event-loop stall of 2 s',
  expected: 'no false timeout, no negative duration',
  ways: bothTransports,
  isPatient: true,
  async run(stage) {
    const up = await stage.upstream('up');
    const config = stage.config([up]);
    const proxy = await stage.start(config);
    await proxy.listTools();
    await proxy.call('up__read', {});
    const durations = [];
    const run = async (meanwhile, name) => {
      const nonces = ['a', 'b', 'c', 'd'].map((letter) => `${letter} ${name}`);
      const batch = proxy.batch([
        ...nonces.map((nonce, i) => ({
          tool: 'up__write',
          arguments: { nonce, key: nonce, ms: 600 + i * 100 },
          timeoutMs: 1_500,
        })),
        { tool: 'up__read', arguments: { nonce: 'read', key: 'r', ms: 700 }, timeoutMs: 1_500 },
      ]);
      await Promise.all(nonces.map((nonce) => up.started(nonce)));
      await meanwhile();
      const { results, timing } = await batch;
      checkEqual(
        results.map((row) => textOf(row) ?? `${row.status} ${row.error?.message}`),
        [...nonces, 'read'],
        name,
      );
      durations.push(
        timing.wallMs,
        ...results.flatMap(({ runMs, queuedMs, startedMs }) => [runMs, queuedMs, startedMs]),
      );
    };
    await run(() => proxy.ask('jump', { ms: 5 * hourMs }), 'the clock 5 h ahead');
    await run(() => proxy.ask('jump', { ms: -11 * hourMs }), 'the clock 6 h behind');
    // The whole process stands still: the answers come meanwhile, the timeouts would be over.
    const stallMs = 2_000;
    await run(async () => {
      proxy.signal('SIGSTOP');
      await sleep(stallMs);
      proxy.signal('SIGCONT');
    }, 'a stall of 2 s');
    check(
      durations.every((ms) => ms >= 0),
      `a negative duration: ${Math.min(...durations)}`,
    );
    await proxy.end();
    const rows = await readCalls(stage, config);
    const negative = rows.find((row) => row.runMs < 0 || row.endedAt < row.startedAt);
    check(negative === undefined, `in the journal: ${JSON.stringify(negative)}`);
    return `15 of 15 calls ok over +5 h, −11 h and a stall of ${seconds(stallMs)}; ${durations.length} durations, none negative`;
  },
};
