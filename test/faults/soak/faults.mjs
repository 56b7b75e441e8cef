// One fault after the other, drawn at random.
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileSync } from 'node:fs';
import { signal as send } from '../harness/processes.mjs';

/**
 * @param options `proxy`; `upstreams`; `config` and its text; `callers`: the HTTP clients, of which one may leave and be replaced by
 *                `replace(index)`; `random`; `everyMs`; `signal`, which ends it
 * @returns the faults' names, in order
 */
export async function commitFaults({ proxy, upstreams, config, random, everyMs, signal, replaceClient, own }) {
  const done = [];
  const children = upstreams.filter(({ kill }) => kill === undefined);
  const pidOf = () => random.pick(children).pid();

  const faults = {
    'upstream killed': () => void send(pidOf(), 'SIGKILL'),
    'HTTP upstream gone for a second': async () => {
      const remote = random.pick(upstreams.filter(({ kill }) => kill !== undefined));
      await remote.kill();
      await sleep(1_000);
      await remote.restart();
    },
    'upstream stopped for 3 s': async () => {
      const pid = pidOf();
      send(pid, 'SIGSTOP');
      await sleep(3_000);
      send(pid, 'SIGCONT');
    },
    'messages flood': () => own.call('a__storm', { kind: 'log', perSecond: 3_000, ms: 2_000 }),
    'stderr flood': () => own.call('a__flood', { megabytes: 20 }),
    'calls that hang': () =>
      own.batch(
        Array.from({ length: 5 }, (_, i) => ({ tool: 'a__never', arguments: { key: `h${i}` }, timeoutMs: 1_500 })),
      ),
    'slow writes': () =>
      own.batch(
        Array.from({ length: 4 }, (_, i) => ({
          tool: 'c__late_write',
          arguments: { nonce: `slow${i}`, key: `h${i}`, ms: 1_500 },
          timeoutMs: 300,
        })),
      ),
    'tool list changes': () => own.call('b__storm', { kind: 'list', perSecond: 100, ms: 1_000 }),
    'connections dropped': () => upstreams.find(({ kill }) => kill !== undefined).control('drop'),
    'session forgotten': () => upstreams.find(({ kill, name }) => kill !== undefined && name === 'c').control('forget'),
    'client breaks off': () => replaceClient(),
    reload: () => proxy.signal('SIGHUP'),
    'invalid reload': async () => {
      writeFileSync(config.file, '{ "version": 1, "servers": 3 }');
      proxy.signal('SIGHUP');
      await sleep(500);
      writeFileSync(config.file, config.text);
      proxy.signal('SIGHUP');
    },
  };
  const names = Object.keys(faults);
  // Each of them before any comes twice.
  let bag = [];
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    if (bag.length === 0)
      bag = names
        .map((name) => [random.next(), name])
        .sort(([a], [b]) => a - b)
        .map(([, name]) => name);
    const name = bag.pop();
    done.push(name);
    await Promise.race([
      Promise.resolve(faults[name]()).catch((error) => done.push(`${name}: ${error.message}`)),
      sleep(everyMs),
    ]);
  }
  return done;
}
