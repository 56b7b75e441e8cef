import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, checkWithin, millis, until } from '../../harness/check.mjs';
import { compareLatency } from '../../harness/compare-latency.mjs';
import { allWays } from '../ways.mjs';

const stormMs = 6_000;
/** The last change is learnt and told within so long. */
const settleMs = 4_500;

export const storms = {
  id: 'F13',
  title: 'a tool list that changes 100× a second',
  expected: 'at most one re-list per 2 s, at most one `list_changed` a second to clients',
  ways: allWays,
  isPatient: true,
  limitMs: 60_000,
  async run(stage) {
    const up = await stage.upstream('up');
    const proxy = await stage.start([up]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    await sleep(2_100);

    const lists = () => up.log().filter(({ event }) => event === 'list');
    const listsBefore = lists().length;
    const heardFrom = proxy.notices.length;
    await proxy.call('up__storm', { kind: 'list', perSecond: 100, ms: stormMs });
    await until(async () => (await proxy.listTools()).names.some((name) => /up__new_\d+/.test(name)), {
      withinMs: settleMs,
      everyMs: 200,
      what: 'the last change was not learnt',
    });
    await sleep(1_200);
    const read = lists().slice(listsBefore);
    read.slice(1).forEach(({ at }, i) => checkWithin(at - read[i].at, { atLeast: 1_900 }, 'ms between two re-lists'));
    const isChange = ({ method }) => method === 'notifications/tools/list_changed';
    const heard = proxy.notices.slice(heardFrom).filter(isChange);
    check(read.length >= 2 && heard.length >= 1, `${read.length} re-lists, ${heard.length} list_changed`);
    heard
      .slice(1)
      .forEach(({ at }, i) => checkWithin(at - heard[i].at, { atLeast: 950 }, 'ms between two list_changed'));
    return `${read.length} re-lists and ${heard.length} list_changed in a storm of ${stormMs / 1000} s`;
  },
};

export const besideStorms = {
  id: 'F13',
  isLoud: true,
  title: 'notification storms beside another upstream',
  expected: 'the other upstream is not slowed',
  ways: allWays,
  limitMs: 60_000,
  async run(stage) {
    const up = await stage.upstream('up');
    const other = await stage.upstream('other');
    const proxy = await stage.start([up, other]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    await proxy.call('other__read', {});
    let made = 0;
    const { quietMs, busyMs, slowerMs } = await compareLatency({
      spanMs: 1_500,
      async call() {
        const nonce = `n${(made += 1)}`;
        const { text, tookMs } = await proxy.call('other__read', { nonce });
        checkEqual(text, nonce, 'a call of the other upstream');
        return tookMs;
      },
      disturb: (ms) =>
        Promise.all([
          proxy.call('up__storm', { kind: 'log', perSecond: 10_000, ms }),
          proxy.call('up__storm', { kind: 'list', perSecond: 100, ms }),
        ]),
    });
    const figures = `p99 ${millis(quietMs)} quiet, ${millis(busyMs)} amid 10,000 messages a second`;
    checkWithin(slowerMs, { atMost: 50 }, `ms by which calls of the other upstream were slower (${figures})`);
    return `the other upstream: ${figures}`;
  },
};
