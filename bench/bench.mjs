// `npm run bench`: how close batches come to what no schedule can beat, and what mcp-marshal costs, beside direct calls and a peer.
//   -- --quick          mcp-marshal alone, two runs of each shape, in well under a minute
//   -- --shape B05,B12  these only
//   -- --json FILE      everything that was measured, for a machine
// Exits with 1 where a target is missed.
import { writeFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { parseArgs } from 'node:util';
import { runCosts } from './run-costs.mjs';
import { runOthers } from './run-others.mjs';
import { runShapes } from './run-shapes.mjs';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    shape: { type: 'string', multiple: true },
    json: { type: 'string' },
  },
});
const only = values.shape?.flatMap((list) => list.toUpperCase().split(','));
const isQuick = values.quick;

console.log(`node ${process.version}, ${platform()} ${arch()}, ${cpus().length} cores\n`);
const measured = {
  shapes: await runShapes({ only, isQuick }),
  others: await runOthers({ only, isQuick }),
  // What single calls and real servers cost is no shape, and takes its time.
  costs: only === undefined && !isQuick ? await runCosts() : [],
};
const all = Object.values(measured).flat();
if (all.length === 0) throw new Error(`no shape is named ${only?.join(' or ')}; there are B01 to B19`);
const missed = all.filter(({ holds }) => !holds).map(({ id }) => id);
console.log(missed.length === 0 ? '\nEvery target holds.' : `\nMISSED: ${missed.join(', ')}`);
if (missed.length > 0) process.exitCode = 1;
if (values.json !== undefined) {
  const machine = { node: process.version, platform: platform(), arch: arch(), cores: cpus().length };
  await writeFile(values.json, `${JSON.stringify({ version: 1, machine, ...measured }, null, 2)}\n`);
}
