import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, checkWithin, millis, percentile, until } from '../../harness/check.mjs';
import { allWays } from '../ways.mjs';

const stormMs = 6_000;

export const storms = {
  id: 'F13',
  title: 'notification storms, a tool list that changes 100× a second',
  expected: 'at most one re-list per 2 s, at most one `list_changed` a second to clients, other upstreams not slowed',
  ways: allWays,
  async run(stage) {
    const up = await stage.upstream('up');
    const other = await stage.upstream('other');
    const proxy = await stage.start([up, other]);
    await proxy.listTools();
    await proxy.call('up__read', {});
    const calls = async (ms) => {
      const took = [];
      const endMs = performance.now() + ms;
      while (performance.now() < endMs) {
        const { text, tookMs } = await proxy.call('other__read', { nonce: `n${took.length}` });
        checkEqual(text, `n${took.length}`, 'a call of the other upstream');
        took.push(tookMs);
        await sleep(5);
      }
      return took;
    };
    const quiet = await calls(1_500);
    await sleep(2_100);
    const listsBefore = up.log().filter(({ event }) => event === 'list').length;
    const heardFrom = proxy.notices.length;
    const storm = proxy.call('up__storm', { kind: 'list', perSecond: 100, ms: stormMs });
    const stormy = await calls(stormMs);
    await storm;
    await until(async () => (await proxy.listTools()).names.some((name) => /up__new_\d+/.test(name)), { withinMs: 4_000, everyMs: 200, what: 'the last change was not learnt' });
    await sleep(1_200);
    const lists = up.log().filter(({ event }) => event === 'list').length - listsBefore;
    const heard = proxy.notices.slice(heardFrom).filter(({ method }) => method === 'notifications/tools/list_changed');
    const spanMs = stormMs + 2_500;
    checkWithin(lists, { atLeast: 1, atMost: Math.ceil(spanMs / 2_000) + 1 }, 'times that the list was read');
    checkWithin(heard.length, { atLeast: 1, atMost: Math.ceil(spanMs / 1_000) + 1 }, '`list_changed` to the client');
    heard.slice(1).forEach(({ at }, i) => checkWithin(at - heard[i].at, { atLeast: 950 }, 'ms between two `list_changed`'));
    // And messages, ten thousand a second.
    const noisy = proxy.call('up__storm', { kind: 'log', perSecond: 10_000, ms: 2_000 });
    const amid = await calls(2_000);
    check(!(await noisy).isError, 'the storm of messages failed');
    const p99 = percentile(quiet, 0.99);
    const slower = Math.max(percentile(stormy, 0.99), percentile(amid, 0.99)) - p99;
    checkWithin(slower, { atMost: 50 }, 'ms by which calls of the other upstream were slower at p99');
    return `${lists} re-lists and ${heard.length} list_changed in ${(spanMs / 1000).toFixed(1)} s; the other upstream ${millis(Math.max(0, slower))} slower at p99`;
  },
};
