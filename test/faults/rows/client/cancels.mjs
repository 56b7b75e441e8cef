import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkEqual, checkWithin, until } from '../../harness/check.mjs';
import { readCalls } from '../../harness/journal.mjs';

/** Of the client: over what it speaks, in which era, and how it goes. */
const ways = [
  { name: 'stdio: cancels', client: 'stdio', transport: 'stdio' },
  { name: 'http: cancels', client: 'legacy', transport: 'http' },
  { name: 'http: leaves', client: 'legacy', leaves: true, transport: 'http' },
  { name: 'http modern: disconnects', client: 'modern', transport: 'http' },
];

export const cancels = {
  id: 'F19',
  title: 'the client disconnects or cancels mid-batch (request id 0 too)',
  expected: 'nothing new starts; running reads are cancelled, running writes have 2 s; the journal is complete',
  ways,
  isPatient: true,
  async run(stage) {
    const up = await stage.upstream('up', { transport: 'stdio', era: 'legacy' });
    const isStdio = stage.client === 'stdio';
    const config = stage.config([up]);
    const proxy = await stage.start(config, { http: !isStdio });
    const client = isStdio ? proxy : await proxy.connect({ era: stage.client });
    await client.listTools();
    await client.call('up__read', {});
    const leaving = new AbortController();
    const calls = [
      { tool: 'up__read', arguments: { nonce: 'long read', key: 'a', ms: 20_000 } },
      { tool: 'up__late_write', arguments: { nonce: 'quick write', key: 'b', ms: 900 } },
      { tool: 'up__late_write', arguments: { nonce: 'slow write', key: 'c', ms: 6_000 } },
      ...Array.from({ length: 9 }, (_, i) => ({ tool: 'up__write', arguments: { nonce: `queued ${i}`, key: 'a' } })),
    ];
    // The handshake had it before, and has ended.
    const id = 0;
    let reply;
    if (isStdio) {
      proxy.session.send({ id, method: 'tools/call', params: { name: 'batch_call', arguments: { calls } } });
    } else reply = client.batch(calls, { options: { signal: leaving.signal } });
    await Promise.all(['long read', 'quick write', 'slow write'].map((nonce) => up.started(nonce)));
    await sleep(100);

    const cancelledAt = Date.now();
    if (isStdio) proxy.session.send({ method: 'notifications/cancelled', params: { requestId: id } });
    else if (stage.leaves) await client.session.leave();
    else if (stage.client === 'legacy')
      await client.session.notify('notifications/cancelled', { requestId: client.session.nextId() - 1 });
    else leaving.abort();

    const dropped = await until(
      () => up.log().find(({ event, nonce }) => event === 'cancelled' && nonce === 'long read'),
      { withinMs: 1_000, what: 'the running read is not cancelled' },
    );
    const settled = await until(
      async () => {
        const rows = (await readCalls(stage, config)).filter(({ batchId }) => batchId !== undefined);
        return rows.length >= 3 && rows.every(({ status }) => status !== 'running') && rows;
      },
      { withinMs: 8_000, everyMs: 300, what: 'the journal does not tell the end of every call' },
    );
    const started = up.starts().filter(({ nonce }) => nonce?.startsWith('queued'));
    checkEqual(started.length, 0, 'calls that started after it');
    const ends = Object.fromEntries(settled.map(({ callId, status, applied }) => [callId, `${status}/${applied}`]));
    checkEqual(ends['c1'], 'ok/yes', 'the write that ended within 2 s, in the journal');
    checkEqual(ends['c2'], 'cancelled/unknown', 'the write that did not, in the journal');
    check(ends['c0']?.startsWith('cancelled'), `the read in the journal: ${ends['c0']}`);
    const { stdout } = await stage.run(['report', '--json', '--config', config]);
    checkEqual(
      JSON.parse(stdout).data?.status ?? JSON.parse(stdout).data?.batch?.status,
      // Whoever leaves may come back, and go on under its idempotency key.
      stage.leaves ? 'interrupted' : 'cancelled',
      'the batch in the journal',
    );
    await reply;
    checkWithin(dropped.at - cancelledAt, { atMost: 500 }, 'ms to the end of the read');
    return `read cancelled after ${dropped.at - cancelledAt} ms, 0 of 9 queued calls started, ${settled.length} ends in the journal`;
  },
};
