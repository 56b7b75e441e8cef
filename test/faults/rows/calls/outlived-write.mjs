import { checkEqual, checkWithin, check, millis, seconds, until } from '../../harness/check.mjs';
import { shape, textOf } from '../../harness/client/calls.mjs';
import { allWays } from '../ways.mjs';

export const outlivedWrite = {
  id: 'B1',
  title: 'a write that outlives its timeout by 3 s',
  expected:
    'timeout, unknown; 3 s later batch_await says applied; a later write of its key not sent in between; a read on another key not delayed',
  ways: allWays,
  isPatient: true,
  async run(stage) {
    const up = await stage.upstream('up');
    const proxy = await stage.start([up]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    const first = await proxy.batch([
      { tool: 'up__late_write', arguments: { nonce: 'slow', key: 'k', ms: 4000 }, timeoutMs: 1000 },
    ]);
    checkEqual(first.results.map(shape), ['timeout/timeout/unknown'], 'the write');
    checkWithin(first.results[0].runMs, { atLeast: 900, atMost: 1100 }, 'its end in ms');

    const second = proxy.batch([{ tool: 'up__write', arguments: { nonce: 'second', key: 'k' } }]);
    const other = await proxy.batch([{ tool: 'up__read', arguments: { nonce: 'elsewhere', key: 'other' } }]);
    checkEqual(other.results.map(textOf), ['elsewhere'], 'the read on another key');
    checkWithin(other.tookMs, { atMost: 150 }, 'the read on another key in ms');

    const late = await until(async () => (await proxy.await(first.batchId)).late?.[0], {
      withinMs: 4_500,
      everyMs: 50,
      what: 'batch_await does not say that it was applied',
    });
    const learntMs = performance.now() - first.sentMs;
    checkEqual([late.status, late.applied], ['ok', 'yes'], 'what batch_await says');
    checkWithin(learntMs, { atLeast: 3_950, atMost: 4_500 }, 'ms from sending it to learning that');
    checkEqual(
      (await second).results.map(({ status }) => status),
      ['ok'],
      'the second write',
    );
    const effect = up.log().find(({ event, nonce }) => event === 'effect' && nonce === 'slow');
    const [sent] = up.starts('second');
    check(sent.at >= effect.at, `the second write was sent ${effect.at - sent.at} ms before the first had ended`);
    return `timeout at ${seconds(first.results[0].runMs)}, applied at ${seconds(learntMs)}, the second write ${sent.at - effect.at} ms after it, the read in ${millis(other.tookMs)}`;
  },
};
