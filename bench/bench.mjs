// `npm run bench`: what mcp-marshal costs, measured against direct calls and against a peer in the same run.
import { mkdtemp, rm } from 'node:fs/promises';
import { arch, cpus, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { schedulerCost } from './scheduler-cost.mjs';
import { passthroughCost, passthroughTools } from './passthrough-cost.mjs';
import { batchOfSleeps } from './batch-of-sleeps.mjs';

const bars = { schedulerUs: 50, passthroughRatio: 1.5, batchMs: 330 };
const folder = await mkdtemp(join(tmpdir(), 'marshal-bench-'));
console.log(`node ${process.version}, ${platform()} ${arch()}, ${cpus().length} cores; every figure is a median\n`);
try {
  const scheduler = await schedulerCost({ calls: 1_000, runs: 21 });
  console.log(
    `scheduler's own cost, 1,000 no-op calls in one batch (21 runs): ${scheduler.usPerCall.toFixed(1)} µs per call, planning ${scheduler.planUsPerCall.toFixed(1)} µs of it; bar ${bars.schedulerUs} ${verdict(scheduler.usPerCall <= bars.schedulerUs)}`,
  );

  console.log('\none call at a time over stdio, 1,000 of each way after 1,000 to warm up, in turns of 200:');
  for (const tool of await passthroughTools(folder)) {
    const ways = await passthroughCost({ folder, calls: 1_000, warmUp: 1_000, ...tool });
    const direct = ways.find(({ name }) => name === 'direct');
    console.log(`  ${tool.tool} of the ${tool.server} server`);
    for (const { name, medianMs, p95Ms } of ways) {
      const ratio = medianMs / direct.medianMs;
      const bar =
        name === 'mcp-marshal' && tool.works
          ? `; bar ${bars.passthroughRatio} ${verdict(ratio <= bars.passthroughRatio)}`
          : '';
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
    `\n20 reads of 100 ms in one batch at 8 in parallel (5 runs): ${sleeps.medianMs.toFixed(0)} ms, one by one ${sleeps.serialMs.toFixed(0)} ms, lower bound ${sleeps.lowerBoundMs.toFixed(0)} ms; bar ${bars.batchMs} ${verdict(sleeps.medianMs <= bars.batchMs)}`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

function verdict(holds) {
  if (!holds) process.exitCode = 1;
  return holds ? '(holds)' : '(MISSED)';
}
