import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, checkWithin, seconds, until } from '../../harness/check.mjs';
import { checkQuiet } from '../../harness/stage.mjs';
import { openDescriptors } from '../../harness/processes.mjs';

const idleConnections = 2_000;
/** Enough for the program's start, which reads its modules all at once. */
const fewDescriptors = 400;
const ways = [{ name: 'http', transport: 'http', era: 'legacy' }];

/** So many connections on which nothing is sent. */
async function openIdle(port, count) {
  const sockets = [];
  for (let i = 0; i < count; i += 100) {
    const some = Array.from({ length: Math.min(100, count - i) }, () =>
      connect(port, '127.0.0.1').on('error', () => {}),
    );
    await Promise.all(
      some.map((socket) =>
        Promise.race([once(socket, 'connect').catch(() => {}), once(socket, 'close'), sleep(2_000)]),
      ),
    );
    sockets.push(...some);
  }
  return { close: () => sockets.forEach((socket) => socket.destroy()) };
}

const portOf = (proxy) => Number(new URL(proxy.url).port);

/** A call on a connection of its own; within so long. */
async function tryCall(proxy, ms = 2_000) {
  const attempt = async () => {
    const client = await proxy.connect({ era: 'modern' });
    try {
      return await client.call('up__read', { nonce: 'probe' });
    } finally {
      client.session.close();
    }
  };
  return Promise.race([
    attempt().catch((error) => ({ isError: true, error })),
    sleep(ms, { isError: true, error: { message: 'no answer' } }),
  ]);
}

export const descriptors = {
  id: 'F26',
  isLoud: true,
  title: 'out of file descriptors, 2,000 idle connections',
  expected: 'clear refusals, calls go on or go on again within 5 s',
  ways,
  limitMs: 60_000,
  async run(stage) {
    const up = await stage.upstream('up', { transport: 'stdio' });
    const config = stage.config([up]);
    const idle = await stage.start(config, { http: true });
    const client = await idle.connect();
    await until(async () => (await client.call('up__read', { nonce: 'x' })).text === 'x', {
      withinMs: 5_000,
      what: 'no call works',
    });
    const crowd = await openIdle(portOf(idle), idleConnections);
    const amid = await client.call('up__read', { nonce: 'amid' });
    checkEqual(amid.text, 'amid', 'a call of a client that was there before');
    const refusal = await tryCall(idle);
    crowd.close();
    const freedMs = performance.now();
    await until(async () => !(await tryCall(idle)).isError, {
      withinMs: 5_000,
      everyMs: 50,
      what: 'calls do not go on after the crowd has left',
    });
    const recoveredMs = performance.now() - freedMs;
    const said = refusal.isError ? `HTTP ${refusal.status ?? refusal.error?.message}` : 'served';

    const few = await stage.start(config, { http: true, shell: `ulimit -n ${fewDescriptors}` });
    const early = await few.connect();
    await until(async () => (await early.call('up__read', { nonce: 'x' })).text === 'x', {
      withinMs: 5_000,
      what: 'no call works with few descriptors',
    });
    const flood = await openIdle(portOf(few), 2 * fewDescriptors);
    await sleep(300);
    check(few.isRunning(), 'it ended for want of descriptors');
    const kept = await Promise.race([early.call('up__read', { nonce: 'kept' }), sleep(3_000, { text: 'no answer' })]);
    checkEqual(kept.text, 'kept', 'a call on a connection that was there before');
    const open = openDescriptors(few.pid).length;
    flood.close();
    const closedMs = performance.now();
    await until(async () => !(await tryCall(few)).isError, {
      withinMs: 5_000,
      everyMs: 50,
      what: 'calls do not go on after the descriptors are free',
    });
    for (const proxy of [idle, few]) checkQuiet(proxy);
    return `${idleConnections} idle: others ${said}, again after ${seconds(recoveredMs)}; ${open} of ${fewDescriptors} descriptors taken: lives, again after ${seconds(performance.now() - closedMs)}`;
  },
};

/** One batch: 5 calls of 40 ms on 8 slots, so 40 batches a second are all that can be done. */
const callsPerBatch = 5;
const callMs = 40;
const deadlineMs = 3_000;
const slots = 8;
const capacityPerSecond = slots / ((callsPerBatch * callMs) / 1000);

export const overload = {
  id: 'F26',
  isLoud: true,
  title: '4× overload',
  expected: 'clear refusals, goodput ≥ 80 %, recovery within 5 s',
  ways,
  limitMs: 60_000,
  longLimitMs: 180_000,
  async run(stage) {
    const up = await stage.upstream('up', { transport: 'stdio', entry: { maxParallel: slots } });
    const proxy = await stage.start([up], { http: true, settings: { maxParallel: slots } });
    const clients = await Promise.all(Array.from({ length: 16 }, () => proxy.connect({ sockets: 1000 })));
    const calls = () =>
      Array.from({ length: callsPerBatch }, (_, i) => ({
        tool: 'up__read',
        arguments: { nonce: `n${Math.random()}`, key: `k${i}`, ms: callMs },
      }));
    await until(async () => (await clients[0].batch(calls())).results.every(({ status }) => status === 'ok'), {
      withinMs: 5_000,
      what: 'no batch works',
    });

    const overMs = stage.isLong ? 60_000 : 10_000;
    const ends = [];
    const refusals = {};
    const pending = new Set();
    const take = ({ results }, own, seen) => {
      const done = results.filter(({ status, index }) => status === 'ok' && !seen.has(index));
      for (const row of done) {
        seen.add(row.index);
        check(row.result.content[0].text === own[row.index].arguments.nonce, 'a foreign or misplaced result');
      }
      return done.length;
    };
    const sendOne = async (client) => {
      const [own, seen] = [calls(), new Set()];
      const reply = await client.batch(own, { deadlineMs });
      ends.push({ at: performance.now(), done: take(reply, own, seen), isReply: true });
      const { rpcError, isError, text, results, status } = reply;
      const code = results.find((row) => row.status !== 'ok')?.error?.code;
      const why = rpcError?.message ?? (isError ? text : status === 'partial' ? 'goes on in the background' : code);
      const kind = why?.replaceAll(/\d+(\.\d+)?/g, 'N').slice(0, 110);
      if (kind !== undefined) refusals[kind] = (refusals[kind] ?? 0) + 1;
      // What went on in the background is collected, as the reply says.
      if (status !== 'partial') return;
      const rest = await client.await(reply.batchId, { timeoutMs: 20_000 });
      ends.push({ at: performance.now(), done: take(rest, own, seen) });
    };
    const offer = (client) => {
      const running = sendOne(client).finally(() => pending.delete(running));
      pending.add(running);
      running.catch(() => {});
    };
    const startMs = performance.now();
    const gapMs = 1000 / (capacityPerSecond * 4);
    let sent = 0;
    while (performance.now() - startMs < overMs) {
      for (; sent * gapMs < performance.now() - startMs; sent += 1) offer(clients[sent % clients.length]);
      await sleep(5);
    }
    const overAt = performance.now();
    // From the second second on, when the queue is full.
    const isMeasured = ({ at }) => at > startMs + 1_000 && at <= overAt;
    const shareOf = (some) => {
      const done = some.reduce((sum, end) => sum + end.done, 0);
      return done / (((overMs - 1_000) / 1000) * capacityPerSecond * callsPerBatch);
    };
    const goodput = shareOf(ends.filter(isMeasured));
    const inReplies = shareOf(ends.filter((end) => isMeasured(end) && end.isReply));
    let recovered;
    const probe = async () => {
      const sentMs = performance.now();
      const { results, tookMs } = await clients[0].batch(calls(), { deadlineMs });
      if (results.length === callsPerBatch && results.every(({ status }) => status === 'ok') && tookMs < 400)
        recovered ??= sentMs - overAt;
    };
    await until(
      () => {
        void probe();
        return recovered !== undefined;
      },
      { withinMs: 5_500, everyMs: 250, what: 'no batch is served as before' },
    );
    checkWithin(recovered, { atMost: 5_000 }, 'ms to the first batch that is served as before');
    await Promise.race([Promise.all(pending), sleep(25_000)]);
    checkEqual(pending.size, 0, 'batches without a reply');
    const why = Object.entries(refusals)
      .map(([text, count]) => `${count}× ${text}`)
      .join(', ');
    checkWithin(goodput, { atLeast: 0.8 }, `goodput (${inReplies.toFixed(2)} in first replies; not done: ${why})`);
    checkQuiet(proxy);
    return `${sent} batches offered in ${seconds(overMs)}: goodput ${Math.round(goodput * 100)} % (${Math.round(inReplies * 100)} % in the first reply, the rest by batch_await), recovered after ${seconds(recovered)}; not done: ${why || 'none'}`;
  },
};
