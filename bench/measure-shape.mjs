// One shape, every way of calling, on fresh servers.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCallmux } from './columns/callmux.mjs';
import { openDirect } from './columns/direct.mjs';
import { openMarshal } from './columns/marshal.mjs';
import { countLeaks } from './leaks.mjs';
import { measureRun } from './measure-run.mjs';

/**
 * @param runs of mcp-marshal (`slow` where one takes seconds), and of the others; `isQuick` leaves the others and the leaks out
 * @returns the runs of each way, by its name, and what a batch leaves behind
 */
export async function measureShape(shape, { runs, isQuick }) {
  const folder = await mkdtemp(join(tmpdir(), 'marshal-bench-'));
  const stage = { folder, ...shape };
  const openings = isQuick ? [openMarshal] : [openMarshal, openDirect, openCallmux];
  const columns = [];
  try {
    // One after the other, and all ended before the shape is: an opening that fails must not leave the others running.
    for (const open of openings) columns.push(await open(stage));
    const ways = columns.flatMap(({ who, ways }) => Object.entries(ways).map(([name, way]) => ({ who, name, way })));
    const wanted = ways.filter(({ name }) => (isQuick ? name === 'mcp-marshal' : !shape.leftOut?.includes(name)));
    for (const { way } of wanted) await way(shape.batch(0).map(toWarmUp), 'warm-up');
    const measured = Object.fromEntries(wanted.map(({ name }) => [name, []]));
    // In turns, so that a slow moment of the machine hits all alike.
    for (let run = 0; run < runs.marshal; run++) {
      for (const { who, name, way } of wanted) {
        if (run >= runsOf(name, { runs, shape })) continue;
        const calls = shape.batch(run);
        measured[name].push(await measureRun({ way, calls, run: `${name}-${run}`, shape, folder, who }));
        if (name === 'mcp-marshal' && run + 1 < runsOf(name, { runs, shape })) await sleep(shape.settleMs ?? 0);
      }
    }
    await Promise.all(columns.splice(0).map((column) => column.close()));
    return { ways: measured, leaks: isQuick ? undefined : await countLeaks({ folder, shape }) };
  } finally {
    await Promise.all(columns.map((column) => column.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

function runsOf(name, { runs, shape }) {
  if (name !== 'mcp-marshal') return runs.others;
  return shape.isLong || shape.settleMs !== undefined ? runs.slow : runs.marshal;
}

/** The same calls, in no time and all answered. */
function toWarmUp({ server, tool, args }) {
  return { server, tool, args: { ...args, ms: 1, hang: false, fail: false } };
}
