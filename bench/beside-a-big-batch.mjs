// B16: 5 calls beside 1,000. Two batches of one client at once, on one server; then more small ones while the big one runs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { read } from './calls.mjs';
import { checkReply, openMarshal } from './columns/marshal.mjs';
import { quantile } from './median.mjs';
import { createRandom, lognormal } from './random.mjs';

const servers = { s0: {} };

/** How long 5 reads of 40 ms take alone, and beside 1,000 reads of about 20 ms (the first are sent at the same moment), in milliseconds. */
export async function besideABigBatch({ calls = 1_000 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'marshal-bench-'));
  const random = createRandom(1_600);
  const big = Array.from({ length: calls }, (_, i) => read('s0', `/big/${i}`, lognormal(random, 20, 0.5)));
  const small = Array.from({ length: 5 }, (_, i) => read('s0', `/small/${i}`, 40));
  const marshal = await openMarshal({ folder, servers, maxParallel: 8 });
  const send = marshal.ways['mcp-marshal'];
  const timed = async (run) => {
    const startMs = performance.now();
    checkReply(await send(small, run), small);
    return performance.now() - startMs;
  };
  try {
    const alone = [];
    for (let run = -2; run < 9; run++) {
      const ms = await timed(`alone-${run}`);
      if (run >= 0) alone.push(ms);
    }
    const bigBatch = { isRunning: true };
    const whole = send(big, 'big').finally(() => (bigBatch.isRunning = false));
    const beside = [];
    while (bigBatch.isRunning) {
      const ms = await timed(`beside-${beside.length}`);
      if (bigBatch.isRunning) beside.push(ms);
      await sleep(100 + 50 * random());
    }
    await whole;
    const aloneMs = quantile(alone);
    const besideMs = quantile(beside);
    return { aloneMs, besideMs, worstMs: Math.max(...beside), samples: beside.length, ratio: besideMs / aloneMs };
  } finally {
    await marshal.close();
    await rm(folder, { recursive: true, force: true });
  }
}
