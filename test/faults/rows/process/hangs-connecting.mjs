import { check, checkEqual, checkWithin, seconds, until } from '../../harness/check.mjs';
import { bothTransports } from '../ways.mjs';

export const hangsConnecting = {
  id: 'F03',
  title: 'hang during connect',
  expected: 'the other upstreams are served within 1 s of start where a catalogue was kept, within 4 s otherwise',
  ways: bothTransports,
  async run(stage) {
    const hung = await stage.upstream('up', { hangs: true });
    const other = await stage.upstream('other');
    const config = stage.config([hung, other]);
    const tookMs = [];
    for (const atMost of [4000, 1000]) {
      const proxy = await stage.start(config);
      const { names } = await proxy.listTools();
      tookMs.push(performance.now() - proxy.startedMs);
      check(names.includes('other__read'), `the list of tools lacks the others: ${names.length} tools`);
      checkWithin(tookMs.at(-1), { atMost }, 'ms from the start to the list of tools');
      checkEqual((await proxy.call('other__read', { nonce: 'x' })).text, 'x', 'a call of the other upstream');
      await proxy.end();
    }
    return `first start ${seconds(tookMs[0])}, with a catalogue kept ${seconds(tookMs[1])}`;
  },
};

/** The limit is 30 s: it is waited for beside the other rows. */
export const connectLimit = {
  id: 'F03',
  title: 'hang during connect: the one that hangs',
  expected: '`connecting`, fails after its limit, backs off; a call of it says why',
  ways: bothTransports,
  isPatient: true,
  limitMs: 60_000,
  async run(stage) {
    const hung = await stage.upstream('up', { hangs: true });
    const proxy = await stage.start([hung], { http: true });
    const state = async () => {
      const response = await fetch(proxy.url.replace('/mcp', '/readyz'));
      return (await response.json()).servers.up;
    };
    checkEqual(await state(), 'connecting', 'its state at first');
    await until(async () => (await state()) !== 'connecting', {
      withinMs: 45_000,
      everyMs: 100,
      what: 'it is still connecting',
    });
    const failedMs = performance.now() - proxy.startedMs;
    checkWithin(failedMs, { atLeast: 1_000, atMost: 40_000 }, 'ms to its failure');
    const attempts = () => hung.log().filter(({ event }) => event === 'discover' || event === 'initialize');
    const before = attempts().length;
    const client = await proxy.connect();
    const { isError, error, text = '' } = await client.call('up__read', {});
    const words = `${error?.message ?? ''} ${text}`;
    check(isError && /up/.test(words), `a call of it: ${words}`);
    const again = await until(() => attempts()[before], { withinMs: 5_000, what: 'it was not tried again' });
    check(again.at > 0, 'no time');
    return `failed after ${seconds(failedMs)}, then tried again`;
  },
};
