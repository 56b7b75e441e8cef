// `npm run faults -- --soak 5m`: a mixed load with a fault every few seconds; then everything must be as it was.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, megabytes } from '../harness/check.mjs';
import { createRandom } from '../harness/random.mjs';
import { createStage } from '../harness/stage.mjs';
import { commitFaults } from './faults.mjs';
import { runLoad } from './load.mjs';
import { takeStock, watchMemory } from './watch.mjs';

const kinds = {
  a: { transport: 'stdio', era: 'legacy' },
  b: { transport: 'stdio', era: 'modern' },
  c: { transport: 'http', era: 'legacy' },
  d: { transport: 'http', era: 'modern' },
};
/** One fault in so long; a short soak has more of them, so that it has them all. */
const faultEveryMs = (soakMs) => Math.min(10_000, soakMs / 14);
/** Until caches are full and code is compiled: memory is compared from there on. */
const warmMs = (soakMs) => Math.min(30_000, Math.max(6_000, soakMs / 5));
/** Within so long after the load everything has been given back: a server that does not answer holds its slot for 5 s, a late write 30 s. */
const settleLimitMs = 45_000;
/** What memory may be more at the end: caches that fill to their bounds, and what V8 keeps. */
const memoryAllowance = { share: 1.25, bytes: 60 * 1024 * 1024 };

/** Prints what happened and what did not hold. Returns the exit code. */
export async function runSoak({ program, seed, soakMs, interrupted }) {
  const say = (line) => void process.stdout.write(`${line}\n`);
  say(`soak: ${soakMs / 1000} s, seed ${seed}`);
  const stage = createStage({ program, way: {} });
  const random = createRandom(seed);
  try {
    const upstreams = await Promise.all(Object.entries(kinds).map(([name, kind]) => stage.upstream(name, kind)));
    const file = stage.config(upstreams);
    const proxy = await stage.start(file, { http: true });
    const open = (i) => proxy.connect({ era: i % 2 === 0 ? 'legacy' : 'modern' });
    const callers = await Promise.all([0, 1, 2, 3].map(open));
    const own = await proxy.connect();
    let turn = 0;
    const caller = () => callers[(turn += 1) % callers.length];
    const replaceClient = async () => {
      const i = random.whole(0, callers.length - 1);
      // In the middle of whatever it waits for, and without a word.
      callers[i].session.close();
      callers[i] = await open(i);
    };
    for (const name of Object.keys(kinds)) await own.call(`${name}__read`, {});

    const load = (ms) => {
      const over = new AbortController();
      const timer = setTimeout(() => over.abort(), ms);
      timer.unref();
      interrupted.addEventListener('abort', () => over.abort(), { once: true });
      return { over, running: runLoad({ caller, servers: Object.keys(kinds), random, signal: over.signal, lanes: 8 }) };
    };
    const warm = await load(warmMs(soakMs)).running;
    const baseline = await settled(proxy, undefined, 10_000);
    const memory = watchMemory(proxy.pid);
    const { over, running } = load(soakMs);
    const faults = commitFaults({
      proxy,
      upstreams,
      config: { file, text: readFileSync(file, 'utf8') },
      random: createRandom(seed + 1),
      everyMs: faultEveryMs(soakMs),
      signal: over.signal,
      replaceClient,
      own,
    });
    const { counts, wrong } = await running;
    const done = await faults;
    memory.stop();
    for (const one of callers.slice(0)) one.session.close();
    callers.splice(0, callers.length, ...(await Promise.all([0, 1, 2, 3].map(open))));
    for (const one of callers) await one.listTools();
    const settleMs = performance.now();
    const end = await settled(proxy, baseline, settleLimitMs);

    const breaches = [...wrong, ...warm.wrong, ...compare(baseline, end)];
    const tenth = Math.max(2, Math.floor(memory.samples.length / 10));
    const [first, last] = [memory.samples.slice(0, tenth), memory.samples.slice(-tenth)].map((some) =>
      median(some.map(({ bytes }) => bytes)),
    );
    if (last > Math.max(first * memoryAllowance.share, first + memoryAllowance.bytes))
      breaches.push(`memory: ${megabytes(first)} at first, ${megabytes(last)} at last`);
    if (end.unhandled > 0 || /unhandled|uncaught/i.test(proxy.stderr())) breaches.push('unhandled rejections');
    if (!proxy.isRunning()) breaches.push('the program has ended');
    if (counts.ok < counts.calls / 2)
      breaches.push(`only ${counts.ok} of ${counts.calls} calls succeeded: nothing was proven`);
    say(
      `${counts.calls.toLocaleString('en')} calls (${counts.ok.toLocaleString('en')} ok) in ${counts.batches} batches (${counts.background} went on in the background) and by themselves`,
    );
    say(`${done.length} faults: ${done.join(', ')}`);
    say(
      `memory ${megabytes(first)} → ${megabytes(last)} (medians of the first and the last tenth), heap ${megabytes(baseline.heapUsed)} → ${megabytes(end.heapUsed)} after a collection`,
    );
    say(
      `descriptors ${baseline.descriptors} → ${end.descriptors}, children ${baseline.children} → ${end.children}, timers ${baseline.timers} → ${end.timers}, settled after ${Math.round((performance.now() - settleMs) / 1000)} s`,
    );
    for (const breach of breaches) say(`BREACH ${breach}`);
    say(
      breaches.length === 0
        ? 'everything as it was; 0 lost, doubled or misplaced results'
        : `FAILED: ${breaches.length} breaches (npm run faults -- --soak ${soakMs / 1000}s --seed ${seed})`,
    );
    return breaches.length === 0 ? 0 : 1;
  } finally {
    await stage.close();
  }
}

/** The stock once it is no more than the baseline, or as it is when the time is over; without one, once it does not change any more. */
async function settled(proxy, baseline, limitMs) {
  const endMs = performance.now() + limitMs;
  let stock = await takeStock(proxy);
  for (;;) {
    await sleep(1_000);
    const next = await takeStock(proxy);
    const isSame = ['descriptors', 'children', 'timers'].every((key) => next[key] === stock[key]);
    const isDone = baseline === undefined ? isSame : compare(baseline, next).length === 0;
    if (isDone || performance.now() > endMs) return next;
    stock = next;
  }
}

/** What is more than it was. */
function compare(before, after) {
  const slack = { descriptors: 4, children: 0, timers: 6 };
  const more = Object.entries(slack).filter(([key, few]) => after[key] > before[key] + few);
  const lines = more.map(
    ([key]) => `${key}: ${before[key]} before, ${after[key]} after (${JSON.stringify(after.kinds)})`,
  );
  if (after.heapUsed > before.heapUsed * 1.5 + 20 * 1024 * 1024)
    lines.push(`heap: ${megabytes(before.heapUsed)} before, ${megabytes(after.heapUsed)} after`);
  return lines;
}
