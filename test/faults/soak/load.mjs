// A mixed load: reads, writes, batches, batches that go on in the background. Every reply is held against what was asked: each nonce must come
// back at its own index, and from nowhere else.
import { setTimeout as sleep } from 'node:timers/promises';

/** What may happen to a call while there are faults. An answer that is somebody else's may not. */
const failures = new Set(['failed', 'timeout', 'cancelled', 'skipped', 'pending', 'invalid']);

/**
 * @param options `caller()`: a client that is there now; `servers`: names; `random`; `signal`, which ends it; `lanes`
 * @returns a promise of `counts`, and `wrong`: lines on results that were lost, doubled or misplaced
 */
export async function runLoad({ caller, servers, random, signal, lanes }) {
  const counts = { calls: 0, ok: 0, failed: 0, batches: 0, background: 0 };
  const wrong = [];
  let made = 0;
  const complain = (text) => wrong.length < 50 && wrong.push(text);

  const makeCall = () => {
    const server = random.pick(servers);
    const nonce = `s${(made += 1)}`;
    const tool = random.pick(['read', 'read', 'read', 'write', 'put']);
    const args = { nonce, key: `k${random.whole(0, 30)}`, ms: random.chance(0.1) ? random.whole(20, 200) : 0 };
    return { tool: `${server}__${tool}`, arguments: args, timeoutMs: 2_000 };
  };
  const hold = (call, { status, text }) => {
    counts.calls += 1;
    if (status === 'ok') {
      counts.ok += 1;
      if (text !== call.arguments.nonce) complain(`${text} came for ${call.arguments.nonce}`);
    } else if (failures.has(status)) counts.failed += 1;
    else complain(`${call.arguments.nonce} is ${status}`);
  };

  const sendOne = async () => {
    const call = makeCall();
    const { text, isError, error } = await (await caller()).call(call.tool, call.arguments);
    hold(call, isError || error !== undefined ? { status: 'failed' } : { status: 'ok', text });
  };
  const sendBatch = async () => {
    const isLong = random.chance(0.15);
    const calls = Array.from({ length: random.whole(2, 12) }, makeCall);
    if (isLong) Object.assign(calls[0].arguments, { ms: 1_200 });
    const client = await caller();
    let reply = await client.batch(calls, isLong ? { deadlineMs: 400 } : {});
    counts.batches += 1;
    if (reply.status === 'partial') {
      counts.background += 1;
      for (let i = 0; i < 5 && reply.status === 'partial'; i += 1) {
        const next = await client.await(reply.batchId, { timeoutMs: 5_000 });
        // A client that has gone meanwhile collects nothing.
        if (next.results.length === 0) return;
        reply = next;
      }
    }
    if (reply.results.length === 0) {
      // No reply at all: the client, or the way to it, was broken off by a fault.
      if (reply.rpcError === undefined && !reply.isError) complain('an empty reply');
      return;
    }
    if (reply.results.length !== calls.length) complain(`${reply.results.length} results of ${calls.length} calls`);
    reply.results.forEach((row, i) => {
      if (row.index !== i) complain(`index ${row.index} at ${i}`);
      else hold(calls[i], { status: row.status, text: row.result?.content?.[0]?.text });
    });
  };

  const lane = async () => {
    while (!signal.aborted) {
      await (random.chance(0.4) ? sendBatch() : sendOne());
      await sleep(random.whole(1, 30));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { counts, wrong };
}
