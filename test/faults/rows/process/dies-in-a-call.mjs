import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, checkWithin, millis, seconds, until } from '../../harness/check.mjs';
import { shape, textOf } from '../../harness/client/calls.mjs';
import { signal } from '../../harness/processes.mjs';
import { allWays } from '../ways.mjs';

export const diesInACall = {
  id: 'F04',
  title: 'the process dies mid-call',
  expected:
    'the call fails within 100 ms of the exit, unknown if a write; reads sent once more; restart with backoff; the next call works',
  ways: allWays,
  async run(stage) {
    const up = await stage.upstream('up');
    const other = await stage.upstream('other');
    const proxy = await stage.start([up, other]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    await proxy.call('other__read', {});
    const kill = async () => {
      // Over HTTP what is seen of a server's death is the end of its connections.
      if (stage.transport === 'http') await up.control('drop');
      else signal(up.pid(), 'SIGKILL');
    };

    const alone = proxy.call('up__never_write', { nonce: 'alone', key: 'a' });
    const batch = proxy.batch([
      { tool: 'up__never_write', arguments: { nonce: 'write', key: 'b' } },
      { tool: 'up__read', arguments: { nonce: 'read', key: 'c', ms: 600 } },
      { tool: 'up__put', arguments: { nonce: 'put', key: 'd', ms: 600 } },
      { tool: 'other__read', arguments: { nonce: 'other', key: 'e', ms: 700 } },
    ]);
    await Promise.all(['alone', 'write', 'read', 'put'].map((nonce) => up.started(nonce)));
    await sleep(50);
    const killedMs = performance.now();
    await kill();
    const failed = await alone;
    checkWithin(failed.endedMs - killedMs, { atMost: 100 }, 'ms from the exit to the failure of the call');
    check(failed.isError, 'the write succeeded');
    const { results } = await batch;
    checkEqual(shape(results[0]), 'failed/connection_lost/unknown', 'the write');
    checkWithin(
      results[0].startedMs + results[0].runMs,
      { atMost: killedMs - failed.sentMs + 200 },
      'the end of the write in the batch in ms',
    );
    checkEqual(
      [textOf(results[1]), textOf(results[2]), textOf(results[3])],
      ['read', 'put', 'other'],
      'the read, the idempotent write and the other upstream’s read',
    );
    checkEqual(
      results.map(({ attempts }) => attempts),
      [1, 2, 2, 1],
      'how often they were sent',
    );
    checkEqual([up.starts('write').length, up.starts('alone').length], [1, 1], 'how often the writes arrived');

    let downMs = 0;
    if (stage.transport === 'http') {
      await up.kill();
      setTimeout(() => void up.restart(), 300);
      downMs = 300;
    }
    const askedMs = performance.now();
    await until(async () => (await proxy.call('up__read', { nonce: 'next' })).text === 'next', {
      withinMs: 5_000,
      everyMs: 50,
      what: 'the next call does not work',
    });
    return `failed ${millis(failed.endedMs - killedMs)} after the exit; the next call ok after ${seconds(performance.now() - askedMs - downMs)}`;
  },
};
