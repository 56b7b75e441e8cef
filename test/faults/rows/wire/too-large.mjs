import { check, checkEqual, checkWithin, megabytes, millis } from '../../harness/check.mjs';
import { textOf } from '../../harness/client/calls.mjs';
import { peakBytes, residentBytes } from '../../harness/processes.mjs';
import { bothTransports } from '../ways.mjs';

const levels = 200_000;

export const tooLarge = {
  id: 'F11',
  isLoud: true,
  title: 'an 11 MB line (HTTP: a 70 MB body), an endless line, 200,000 levels of nesting',
  expected:
    'that call fails with the limit named, its neighbours on the same upstream succeed where framing allows; loop stall under 100 ms',
  ways: bothTransports,
  limitMs: 60_000,
  async run(stage) {
    const up = await stage.upstream('up');
    const proxy = await stage.start([up]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    const isHttp = stage.transport === 'http';
    const before = residentBytes(proxy.pid);
    const kinds = isHttp
      ? { '70 MB': { how: 'oversized', megabytes: 70 }, deep: { how: 'deep', levels } }
      : {
          '11 MB': ['oversized', { megabytes: 11 }],
          endless: ['oversized', { megabytes: 100, isEndless: true }],
          deep: ['deep', { levels }],
        };
    const stalls = [];
    for (const [kind, given] of Object.entries(kinds)) {
      const call = isHttp ? { tool: 'up__fault', arguments: given } : { tool: `up__${given[0]}`, arguments: given[1] };
      await proxy.ask('report');
      // Under way while it comes, answered when it is whole: what was written into the middle of a line would be part of it.
      const { results } = await proxy.batch([
        // Nothing says whose answer an endless line would have been: that call ends at its timeout.
        { ...call, timeoutMs: kind === 'endless' ? 4_000 : 8_000 },
        ...['a', 'b', 'c'].map((nonce) => ({
          tool: 'up__read',
          arguments: { nonce, key: nonce, ms: 2_500 },
          timeoutMs: 8_000,
        })),
      ]);
      const { loopMaxMs } = await proxy.ask('report');
      const [bad, ...neighbours] = results;
      if (kind === 'endless') check(bad?.status !== 'ok', 'the endless line succeeded');
      else {
        check(bad?.status === 'failed', `${kind}: ${bad?.status} ${bad?.error?.message ?? ''}`);
        check(/limit|MiB|levels|deep/.test(bad.error.message), `${kind}: the limit is not named: ${bad.error.message}`);
      }
      checkEqual(neighbours.map(textOf), ['a', 'b', 'c'], `${kind}: the neighbours`);
      checkWithin(loopMaxMs, { atMost: 100 }, `${kind}: ms for which the loop stood still`);
      stalls.push(`${kind} ${millis(loopMaxMs)}`);
    }
    const grown = peakBytes(proxy.pid) - before;
    checkWithin(grown / 1e6, { atMost: 400 }, 'MB of memory more at its peak');
    return `limits named; loop stalls: ${stalls.join(', ')}; +${megabytes(grown)} at the peak`;
  },
};
