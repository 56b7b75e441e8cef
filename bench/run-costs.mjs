// What mcp-marshal costs on real servers: single calls beside direct ones and a peer's, and a batch of sleeping reads.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchOfSleeps } from './batch-of-sleeps.mjs';
import { passthroughCost, passthroughTools } from './passthrough-cost.mjs';

const bars = { passthroughRatio: 1.5, batchMs: 330 };

/** Prints each figure with its bar, and returns those that have one. */
export async function runCosts() {
  const folder = await mkdtemp(join(tmpdir(), 'marshal-bench-'));
  const measured = [];
  const judge = (id, figure, bar) => {
    const holds = figure <= bar;
    measured.push({ id, figure, bar, holds });
    return `; bar ${bar} ${holds ? '(holds)' : '(MISSED)'}`;
  };
  try {
    console.log('\none call at a time over stdio, 1,000 of each way after 1,000 to warm up, in turns of 200:');
    for (const tool of await passthroughTools(folder)) {
      const ways = await passthroughCost({ folder, calls: 1_000, warmUp: 1_000, ...tool });
      const direct = ways.find(({ name }) => name === 'direct');
      console.log(`  ${tool.tool} of the ${tool.server} server`);
      for (const { name, medianMs, p95Ms } of ways) {
        const ratio = medianMs / direct.medianMs;
        const isJudged = name === 'mcp-marshal' && tool.works;
        const bar = isJudged ? judge(`passthrough ${tool.tool}`, ratio, bars.passthroughRatio) : '';
        console.log(
          `    ${name.padEnd(12)} ${medianMs.toFixed(3)} ms, p95 ${p95Ms.toFixed(3)} ms, ${ratio.toFixed(2)}× direct${bar}`,
        );
      }
    }
    console.log(
      '  No bar for echo: it does nothing, so that even a process which only copies bytes is near the bar or over it.',
    );
    const sleeps = await batchOfSleeps({ folder, runs: 5 });
    console.log(
      `\n20 reads of 100 ms in one batch at 8 in parallel (5 runs): ${sleeps.medianMs.toFixed(0)} ms, one by one ${sleeps.serialMs.toFixed(0)} ms, lower bound ${sleeps.lowerBoundMs.toFixed(0)} ms${judge('batch of sleeps', sleeps.medianMs, bars.batchMs)}`,
    );
    return measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
