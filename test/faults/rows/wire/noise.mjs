import { check, checkEqual, checkWithin, megabytes, seconds } from '../../harness/check.mjs';
import { residentBytes } from '../../harness/processes.mjs';
import { stdio } from '../ways.mjs';

const noiseLines = 5_000;
const floodMegabytes = 50;

export const noise = {
  id: 'F08',
  isLoud: true,
  title: 'noise on stdout, stderr floods of 50 MB',
  expected: 'calls succeed, one warning with a count, memory bounded, the child never blocks',
  ways: [stdio],
  async run(stage) {
    const up = await stage.upstream('up');
    const proxy = await stage.start([up]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    const before = residentBytes(proxy.pid);
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, residentBytes(proxy.pid))), 20);
    stage.closeLater(() => clearInterval(watch));
    checkEqual(
      (await proxy.call('up__noise', { lines: noiseLines, nonce: 'noisy' })).text,
      'noisy',
      'the call amid noise',
    );
    const flood = proxy.call('up__flood', { megabytes: floodMegabytes, nonce: 'flooded' });
    checkEqual((await proxy.call('up__read', { nonce: 'beside' })).text, 'beside', 'a call beside the flood');
    const { text, tookMs } = await flood;
    checkEqual(text, 'flooded', 'the call that flooded');
    checkWithin(tookMs, { atMost: 10_000 }, 'ms for 50 MB of stderr');
    checkWithin((most - before) / 1e6, { atMost: 120 }, 'MB of memory more');
    clearInterval(watch);
    await proxy.end();
    const warnings = proxy.lines().filter((line) => line.level >= 40 && /stdout|protocol|noise/i.test(line.msg ?? ''));
    check(warnings.length >= 1 && warnings.length <= 2, `${warnings.length} warnings of the noise`);
    const counted = warnings.map((line) =>
      Number(line.lines ?? /\d[\d,]*/.exec(line.msg)?.[0].replaceAll(',', '') ?? 0),
    );
    checkEqual(
      counted.reduce((sum, count) => sum + count, 0),
      noiseLines,
      'the lines that the warnings count',
    );
    check(proxy.stderr().length < 2_000_000, `${megabytes(proxy.stderr().length)} of log`);
    return `${noiseLines} lines in ${warnings.length} warning${warnings.length > 1 ? 's' : ''}; 50 MB of stderr in ${seconds(tookMs)}, +${megabytes(most - before)}`;
  },
};
