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
    // From each failure to the next life; a server that dies while it is asked gets a second life at once, with the other era's question.
    const failures = proxy.lines().filter(({ msg, server }) => msg === 'cannot connect' && server === 'up');
    const delays = failures.slice(0, -1).map(({ time }) => {
      const at = Date.parse(time);
      return (ups().find((life) => life.at > at)?.at ?? NaN) - at;
    });
    check(delays.length >= 4, `only ${failures.length} failures before it`);
    delays.forEach((delay, i) => {
      const wholeMs = Math.min(8_000, 500 * 2 ** i);
      const bounds = { atLeast: wholeMs * 0.8 - 20, atMost: wholeMs + 700 };
      checkWithin(delay, bounds, `ms from failure ${i + 1} to the next start`);
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
    return `restarts after ${delays.map((delay) => (delay / 1000).toFixed(1)).join(', ')} s, then none in ${quietMs / 1000} s at ${(load * 100).toFixed(1)} % of a processor; tried again by a reload`;
  },
};
