import { checkEqual, checkWithin, millis, seconds } from '../../harness/check.mjs';
import { textOf } from '../../harness/client/calls.mjs';
import { allWays } from '../ways.mjs';

const slowMs = 1500;

export const oneSlow = {
  id: 'F02',
  title: 'one slow call among 20',
  expected: '19 done at once inside, the reply at the slow one’s end, order by index',
  ways: allWays,
  async run(stage) {
    const up = await stage.upstream('up');
    const proxy = await stage.start([up]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    const nonces = Array.from({ length: 20 }, (_, i) => `n${i}`);
    const reply = await proxy.batch(
      nonces.map((nonce, i) => ({ tool: 'up__read', arguments: { nonce, key: nonce, ms: i === 3 ? slowMs : 10 } })),
    );
    checkEqual(reply.results.map(textOf), nonces, 'the results by index');
    const ends = reply.results.map((row) => row.startedMs + row.runMs);
    const quick = Math.max(...ends.filter((_, i) => i !== 3));
    checkWithin(quick, { atMost: 400 }, 'the end of the last of the 19 in ms');
    checkWithin(ends[3], { atLeast: slowMs, atMost: slowMs + 150 }, 'the end of the slow one in ms');
    checkWithin(reply.tookMs - ends[3], { atMost: 100 }, 'from there to the reply in ms');
    return `19 after ${millis(quick)}, the reply at ${seconds(reply.tookMs)} (${seconds(slowMs)})`;
  },
};
