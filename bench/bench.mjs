// `npm run bench`: what mcp-marshal costs, measured against direct calls and against a peer in the same run.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { arch, cpus, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { schedulerCost } from './scheduler-cost.mjs';
import { passthroughCost } from './passthrough-cost.mjs';
import { batchOfSleeps } from './batch-of-sleeps.mjs';

const bars = { schedulerUs: 50, passthroughRatio: 1.5, batchMs: 330 };
const folder = await mkdtemp(join(tmpdir(), 'marshal-bench-'));
console.log(`node ${process.version}, ${platform()} ${arch()}, ${cpus().length} cores; every figure is a median\n`);
try {
  const scheduler = await schedulerCost({ calls: 1_000, runs: 21 });
  console.log(
    `scheduler's own cost, 1,000 no-op calls in one batch (21 runs): ${scheduler.usPerCall.toFixed(1)} µs per call, planning ${scheduler.planUsPerCall.toFixed(1)} µs of it; bar ${bars.schedulerUs} ${verdict(scheduler.usPerCall <= bars.schedulerUs)}`,
  );

  const ways = await passthroughCost({ folder, calls: 1_000, writeFile });
  const direct = ways.find(({ name }) => name === 'direct');
  console.log('\none call at a time over stdio, echo of the everything server (1,000 each, taken in turns of 50):');
  for (const { name, medianMs, p95Ms } of ways) {
    console.log(
      `  ${name.padEnd(12)} ${medianMs.toFixed(3)} ms  p95 ${p95Ms.toFixed(3)} ms  ${(medianMs / direct.medianMs).toFixed(2)}× direct`,
    );
  }
  const ratio = ways.find(({ name }) => name === 'mcp-marshal').medianMs / direct.medianMs;
  console.log(`  bar ${bars.passthroughRatio}× direct ${verdict(ratio <= bars.passthroughRatio)}`);

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
