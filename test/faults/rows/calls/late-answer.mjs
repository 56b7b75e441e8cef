import { check, checkEqual, checkWithin, seconds, until } from '../../harness/check.mjs';
import { shape, textOf } from '../../harness/client/calls.mjs';
import { allWays } from '../ways.mjs';

export const lateAnswer = {
  id: 'F10',
  title: 'a late answer',
  expected: 'never delivered to another call; recorded if it settles an unknown write',
  ways: allWays,
  async run(stage) {
    const up = await stage.upstream('up');
    const proxy = await stage.start([up]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    const first = await proxy.batch([
      { tool: 'up__late', arguments: { nonce: 'late read', key: 'r', ms: 900 }, timeoutMs: 300 },
      { tool: 'up__late_write', arguments: { nonce: 'late write', key: 'w', ms: 1200 }, timeoutMs: 300 },
    ]);
    checkEqual(first.results.map(shape), ['timeout/timeout/no', 'timeout/timeout/unknown'], 'the calls');
    // Whatever the late answers are taken for, it is a call that runs while they come.
    let delivered = 0;
    const endMs = performance.now() + 1_500;
    while (performance.now() < endMs) {
      const nonces = [0, 1, 2, 3].map((i) => `${delivered}-${i}`);
      const { results } = await proxy.batch(
        nonces.map((nonce) => ({ tool: 'up__read', arguments: { nonce, key: nonce, ms: 20 } })),
      );
      checkEqual(results.map(textOf), nonces, 'answers while late ones came');
      delivered += nonces.length;
    }
    const seenMs = performance.now();
    const late = await until(async () => (await proxy.await(first.batchId)).late?.find(({ id }) => id === 'c1'), {
      withinMs: 2_000,
      everyMs: 100,
      what: 'the late end of the write is not told by batch_await',
    });
    checkEqual([late.status, late.applied], ['ok', 'yes'], 'what batch_await says of the write');
    check(
      (await proxy.await(first.batchId)).late.every(({ id }) => id !== 'c0'),
      'the late read was recorded, too',
    );
    checkWithin(performance.now() - seenMs, { atMost: 2_000 }, 'ms to see it');
    return `${delivered} calls meanwhile, no foreign answer; the write ok, applied yes, ${seconds(1200)} after it was sent`;
  },
};
