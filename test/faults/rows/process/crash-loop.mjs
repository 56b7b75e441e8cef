import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, checkWithin, until } from '../../harness/check.mjs';
import { cpuMs } from '../../harness/processes.mjs';
import { stdio } from '../ways.mjs';

export const crashLoop = {
  id: 'F06',
  title: 'a crash loop',
  expected: 'spaced restarts (0.5 → 8 s), then `crash loop` until reload or an hourly probe; CPU near zero',
  ways: [stdio],
  isPatient: true,
  limitMs: 75_000,
  longLimitMs: 180_000,
  async run(stage) {
    const up = await stage.upstream('up', { crashMs: 0 });
    const other = await stage.upstream('other');
    const proxy = await stage.start([up, other]);
    await proxy.listTools();
    const ups = () => up.log().filter(({ event }) => event === 'up');
    const reason = async () => (await proxy.batch([{ tool: 'up__read' }])).text;
    await until(async () => /crash loop/.test(await reason()), {
      withinMs: 40_000,
      everyMs: 500,
      what: 'no call says `crash loop`',
    });
    const seen = ups().map(({ at }) => at);
    // A server that dies while it is asked is asked once more, in the other era: those two are one attempt.
    const starts = seen.filter((at, i) => i === 0 || at - seen[i - 1] > 250);
    const gaps = starts.slice(1).map((at, i) => at - starts[i]);
    check(gaps.length >= 4, `only ${starts.length} starts`);
    const wanted = [500, 1000, 2000, 4000, 8000];
    gaps.forEach((gap, i) => {
      checkWithin(
        gap,
        { atLeast: (wanted[i] ?? 8000) * 0.75, atMost: (wanted[i] ?? 8000) * 1.1 + 700 },
        `ms from start ${i + 1} to the next`,
      );
    });
    const words = await reason();
    check(/reload|restart/.test(words), `a call does not say how to mend it: ${words.slice(0, 300)}`);

    const quietMs = stage.isLong ? 75_000 : 10_000;
    const [startsBefore, cpuBefore] = [ups().length, cpuMs(proxy.pid)];
    await sleep(quietMs);
    checkEqual(ups().length - startsBefore, 0, 'starts while in the crash loop');
    const load = (cpuMs(proxy.pid) - cpuBefore) / quietMs;
    checkWithin(load, { atMost: 0.02 }, 'share of a processor in the crash loop');
    checkEqual((await proxy.call('other__read', { nonce: 'x' })).text, 'x', 'a call of another upstream');

    proxy.signal('SIGHUP');
    await until(() => ups().length > startsBefore, { withinMs: 3_000, what: 'a reload does not try it again' });
    return `restarts after ${gaps.map((gap) => (gap / 1000).toFixed(1)).join(', ')} s, then none in ${quietMs / 1000} s at ${(load * 100).toFixed(1)} % of a processor; tried again by a reload`;
  },
};
