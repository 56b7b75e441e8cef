// What a call costs that is passed through, one at a time: over stdio and over HTTP, beside direct ones and a peer's.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHttpWays } from './http-ways.mjs';
import { reportWays } from './report-ways.mjs';
import { openStdioWays } from './stdio-ways.mjs';
import { httpSubjects, stdioSubjects } from './subjects.mjs';
import { takeTurns } from './take-turns.mjs';

const bars = { stdio: 1.5, http: 1.7 };
const turn = 100;

/** Prints a table for each tool, and returns the figures that have a bar. */
export async function runPassthrough({ isQuick }) {
  const calls = isQuick ? 200 : 1_000;
  const folder = await mkdtemp(join(tmpdir(), 'marshal-bench-'));
  const measured = [];
  const measure = async (open, { part, bar, subject }) => {
    const { ways, close } = await open(folder, subject);
    try {
      const took = await takeTurns(ways, { calls, warmUp: calls / 2, turn });
      measured.push(...reportWays(took, { part, subject, bar }));
    } finally {
      await close();
    }
  };
  try {
    const times = `${calls.toLocaleString('en')} of each way after half as many to warm up, in turns of ${turn}`;
    console.log(`\none call at a time over stdio, ${times}:`);
    for (const subject of await stdioSubjects(folder))
      await measure(openStdioWays, { part: 'passthrough stdio', bar: bars.stdio, subject });
    console.log('  No bar for echo: it does nothing, so that even a mere copier of bytes is near the bar or over it.');
    console.log(`\none call at a time over HTTP, SDK clients, ${times}:`);
    for (const subject of await httpSubjects(folder))
      await measure(openHttpWays, { part: 'passthrough HTTP', bar: bars.http, subject });
    return measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
