import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, checkWithin, seconds } from '../../harness/check.mjs';
import { shape, textOf } from '../../harness/client/calls.mjs';
import { allWays } from '../ways.mjs';

export const neverAnswers = {
  id: 'F01',
  title: 'an upstream never answers',
  expected:
    'timeout at its timeout ± 100 ms, nothing sent twice; the others unaffected; the connection kept, no restart',
  ways: allWays,
  async run(stage) {
    const up = await stage.upstream('up', { entry: { timeout: '1200ms' } });
    const other = await stage.upstream('other');
    const proxy = await stage.start([up, other]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    await proxy.call('other__read', {});
    const opened = () => up.log().filter(({ event }) => ['up', 'initialize', 'listen'].includes(event)).length;
    const openedBefore = opened();

    // By itself it has the server's timeout, in a batch the one of the call.
    const alone = proxy.call('up__never', { nonce: 'alone', key: 'k1' });
    const reply = await proxy.batch([
      { tool: 'up__never', arguments: { nonce: 'in batch', key: 'k2' }, timeoutMs: 1000 },
      ...['a', 'b', 'c'].map((nonce) => ({ tool: 'up__read', arguments: { nonce, key: nonce } })),
      ...['d', 'e'].map((nonce) => ({ tool: 'other__read', arguments: { nonce, key: nonce } })),
    ]);
    const [hung, ...others] = reply.results;
    checkEqual(shape(hung), 'timeout/timeout/no', 'the call');
    checkWithin(hung.runMs, { atLeast: 900, atMost: 1100 }, 'its end in ms');
    checkEqual(others.map(textOf), ['a', 'b', 'c', 'd', 'e'], 'the others');
    checkWithin(
      Math.max(...others.map((row) => row.startedMs + row.runMs)),
      { atMost: 300 },
      'the end of the last of the others in ms',
    );
    const { isError, tookMs } = await alone;
    check(isError, 'the call by itself succeeded');
    checkWithin(tookMs, { atLeast: 1100, atMost: 1300 }, 'the end of the call by itself in ms');

    await sleep(500);
    checkEqual((await proxy.call('up__read', { nonce: 'after' })).text, 'after', 'a call afterwards');
    checkEqual([up.starts('alone').length, up.starts('in batch').length], [1, 1], 'how often they were sent');
    checkEqual(opened() - openedBefore, 0, 'connections made anew');
    return `timeout at ${seconds(hung.runMs)} (1.00) and ${seconds(tookMs)} (1.20)`;
  },
};
