import { check, checkEqual, checkWithin, seconds } from '../../harness/check.mjs';
import { textOf } from '../../harness/client/calls.mjs';
import { http, modernHttp } from '../ways.mjs';

export const busy = {
  id: 'F17',
  title: '429 and 503 with `Retry-After`',
  expected: 'reads retried within the deadline, not before the server wants it; writes not',
  ways: [http, modernHttp],
  async run(stage) {
    const up = await stage.upstream('up');
    const proxy = await stage.start([up]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    const faults = [429, 503].flatMap((status) => [
      { tool: 'up__fault', arguments: { how: 'status', status, retryAfter: 1, nonce: `read ${status}` } },
      {
        tool: 'up__fault_write',
        arguments: { how: 'status', status, retryAfter: 1, nonce: `write ${status}`, key: `${status}` },
      },
    ]);
    // And one that asks for more time than there is.
    const patient = {
      tool: 'up__fault',
      arguments: { how: 'status', status: 503, retryAfter: 3600, nonce: 'tomorrow' },
    };
    const { results, tookMs } = await proxy.batch([...faults, patient], { maxParallel: 8 });
    checkEqual(
      [0, 2].map((i) => textOf(results[i])),
      ['read 429', 'read 503'],
      'the reads',
    );
    checkEqual(
      [0, 2].map((i) => results[i].attempts),
      [2, 2],
      'how often the reads were sent',
    );
    for (const i of [1, 3]) {
      check(results[i]?.status === 'failed', `a write: ${results[i]?.status}`);
      checkEqual(results[i].attempts, 1, 'attempts of a write');
    }
    check(
      results[4]?.status === 'failed' && results[4].attempts === 1,
      `the one that is to wait an hour: ${results[4]?.status} after ${results[4]?.attempts} attempts`,
    );
    for (const status of [429, 503]) {
      checkEqual(up.starts(`write ${status}`).length, 1, `how often the write under ${status} arrived`);
      const [first, second] = up.starts(`read ${status}`);
      checkWithin(second.at - first.at, { atLeast: 995, atMost: 2_000 }, `ms between the attempts under ${status}`);
    }
    return `reads ok at the second attempt, batch over after ${seconds(tookMs)} (1.00 asked for); writes sent once`;
  },
};
