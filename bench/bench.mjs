// `npm run bench`: how close batches come to what no schedule can beat, and what mcp-marshal costs, beside direct calls and a peer.
//   -- --quick          mcp-marshal alone, two runs of each shape, in well under a minute; with --only, less of that
//   -- --shape B05,B12  these only
//   -- --only LIST      of shapes, passthrough, parallel, load and isolation
//   -- --json FILE      everything that was measured, for a machine
// Exits with 1 where a target is missed.
import { writeFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { parseArgs } from 'node:util';
import { runIsolation } from './isolation/run-isolation.mjs';
import { runLoad } from './load/run-load.mjs';
import { runParallel } from './parallel/run-parallel.mjs';
import { runPassthrough } from './passthrough/run-passthrough.mjs';
import { runOthers } from './run-others.mjs';
import { runShapes } from './run-shapes.mjs';

/** Single calls, real servers and crowds: no shapes, and they take their time. */
const costs = { passthrough: runPassthrough, parallel: runParallel, load: runLoad, isolation: runIsolation };
const parts = ['shapes', ...Object.keys(costs)];

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    shape: { type: 'string', multiple: true },
    only: { type: 'string', multiple: true },
    json: { type: 'string' },
  },
});
const only = values.shape?.flatMap((list) => list.toUpperCase().split(','));
const isQuick = values.quick;
const wanted = values.only?.flatMap((list) => list.split(',')) ?? (only || isQuick ? ['shapes'] : parts);
const unknown = wanted.filter((part) => !parts.includes(part));
if (unknown.length > 0) throw new Error(`--only ${unknown.join(', ')}: there are ${parts.join(', ')}`);

console.log(`node ${process.version}, ${platform()} ${arch()}, ${cpus().length} cores\n`);
const hasShapes = wanted.includes('shapes');
const measured = {
  shapes: hasShapes ? await runShapes({ only, isQuick }) : [],
  others: hasShapes ? await runOthers({ only, isQuick }) : [],
  costs: [],
};
for (const [part, run] of Object.entries(costs))
  if (wanted.includes(part)) measured.costs.push(...(await run({ isQuick })));
const all = Object.values(measured).flat();
if (all.length === 0) throw new Error(`no shape is named ${only?.join(' or ')}; there are B01 to B19`);
const missed = all.filter(({ holds }) => !holds).map(({ id }) => id);
console.log(missed.length === 0 ? '\nEvery target holds.' : `\nMISSED: ${missed.join(', ')}`);
if (missed.length > 0) process.exitCode = 1;
if (values.json !== undefined) {
  const machine = { node: process.version, platform: platform(), arch: arch(), cores: cpus().length };
  await writeFile(values.json, `${JSON.stringify({ version: 1, machine, ...measured }, null, 2)}\n`);
}
