// Batches of writes, each with a nonce of its own, kept coming whatever happens to the program. What was reported of each is written down.
import { setTimeout as sleep } from 'node:timers/promises';

/** How often a batch with a key is sent again whose client heard no end. */
const maxSends = 8;

/**
 * @param options `proxy()`: the one that runs now, or a promise of the next; `servers`: their names; `random`; `writes`: how many in all;
 *                `lanes`: batches at once; `isOver()`: no new batch
 * @returns `done`, and `told`: nonce → { tool, key?, batchIds, ends: [{ status, applied, code }] }
 */
export function sendWrites({ proxy, servers, random, writes, lanes, isOver }) {
  const told = new Map();
  const batches = { sent: 0, answered: 0, keyed: 0, again: 0, unanswered: 0, refused: 0, mismatched: [] };
  let made = 0;

  const makeBatch = () => {
    const count = Math.min(random.whole(1, 20), writes - made);
    const calls = Array.from({ length: count }, () => {
      const server = random.pick(servers);
      const isRepeatable = random.chance(0.2);
      const nonce = `w${made++}`;
      told.set(nonce, { tool: isRepeatable ? 'put' : 'write', server, ends: [] });
      const args = {
        nonce,
        key: `k${random.whole(0, 19)}`,
        ms: random.chance(0.1) ? random.whole(50, 300) : random.whole(0, 8),
      };
      const isShort = random.chance(0.03);
      return {
        tool: `${server}__${isRepeatable ? 'put' : 'write'}`,
        arguments: args,
        ...(isShort && { timeoutMs: 30 }),
      };
    });
    const isKeyed = random.chance(0.4);
    return {
      calls,
      rest: { deadlineMs: random.whole(1_000, 8_000), ...(isKeyed && { idempotencyKey: `key-${made}` }) },
    };
  };

  const note = ({ calls }, reply) => {
    for (const row of reply.results) {
      const entry = told.get(calls[row.index]?.arguments.nonce);
      const text = row.result?.content?.[0]?.text;
      if (row.status === 'ok' && text !== undefined && text !== calls[row.index].arguments.nonce)
        batches.mismatched.push(`${text} for ${calls[row.index].arguments.nonce}`);
      entry?.ends.push({ status: row.status, applied: row.applied, code: row.error?.code, batchId: reply.batchId });
    }
    for (const late of reply.late ?? []) {
      const index = late.batchId === reply.batchId ? Number(late.id.slice(1)) : NaN;
      const entry = told.get(calls[index]?.arguments.nonce);
      entry?.ends.push({ status: late.status, applied: late.applied, isLate: true });
    }
  };

  const sendOne = async (batch) => {
    const isKeyed = batch.rest.idempotencyKey !== undefined;
    batches.sent += 1;
    batches.keyed += isKeyed ? 1 : 0;
    for (let sends = 1; sends <= (isKeyed ? maxSends : 1); sends += 1) {
      if (sends > 1) batches.again += 1;
      const current = await proxy();
      let reply = await current.batch(batch.calls, batch.rest);
      note(batch, reply);
      // The rest of one that outlived its deadline.
      for (let i = 0; i < 5 && reply.status === 'partial' && reply.batchId !== undefined; i += 1) {
        reply = await current.await(reply.batchId, { timeoutMs: 3_000 });
        note(batch, reply);
      }
      if (reply.results.length > 0) {
        batches.answered += 1;
        // Now and then a client asks again for what it has: it gets the same, and nothing runs.
        if (!isKeyed || !random.chance(0.2)) return;
      } else if (reply.rpcError === undefined) {
        // Refused whole: nothing ran. A client tries again a little later.
        batches.refused += 1;
        await sleep(200);
      }
    }
    batches.unanswered += 1;
  };

  const isDone = () => made >= writes || isOver();
  const lane = async () => {
    while (!isDone()) await sendOne(makeBatch());
  };
  return { told, batches, done: Promise.all(Array.from({ length: lanes }, lane)) };
}
