// Ends upstreams and the program itself in the middle of whatever they do.
import { setTimeout as sleep } from 'node:timers/promises';
import { signal } from '../harness/processes.mjs';

/**
 * @param options `upstreams`; `replace()`, which kills the program and starts it anew; `random`; `signal`, which ends it
 * @returns what was killed: { upstreams, proxies }, once all is over
 */
export async function killAtRandom({ upstreams, replace, random, signal: over }) {
  const killed = { upstreams: 0, proxies: 0 };
  const pause = (ms) => sleep(ms, undefined, { signal: over }).catch(() => {});

  const killUpstreams = async () => {
    while (!over.aborted) {
      await pause(random.whole(300, 1_500));
      const upstream = random.pick(upstreams);
      if (over.aborted) return;
      killed.upstreams += 1;
      if (upstream.kill === undefined) {
        signal(upstream.pid(), 'SIGKILL');
        continue;
      }
      await upstream.kill();
      await pause(random.whole(0, 300));
      await upstream.restart();
    }
  };
  const killProxies = async () => {
    while (!over.aborted) {
      await pause(random.whole(2_500, 7_000));
      if (over.aborted) return;
      killed.proxies += 1;
      await replace();
    }
  };
  await Promise.all([killUpstreams(), killProxies()]);
  return killed;
}
