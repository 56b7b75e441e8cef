// 200 calls of one client at once: the time until the last is answered, directly and through what stands between.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHttpWays } from '../passthrough/http-ways.mjs';
import { reportWays } from '../passthrough/report-ways.mjs';
import { openStdioWays } from '../passthrough/stdio-ways.mjs';
import { httpSubjects, stdioSubjects } from '../passthrough/subjects.mjs';
import { takeTurns } from '../passthrough/take-turns.mjs';

const together = 200;
const bar = 1.2;

/** Prints a table for each tool, and returns the figures that have a bar. */
export async function runParallel({ isQuick }) {
  const rounds = isQuick ? 5 : 11;
  const folder = await mkdtemp(join(tmpdir(), 'marshal-bench-'));
  const measured = [];
  const measure = async (open, { part, subject }) => {
    const { ways, close } = await open(folder, subject);
    try {
      const crowds = ways.map(({ name, call }) => ({
        name,
        call: () => Promise.all(Array.from({ length: together }, call)),
      }));
      const took = await takeTurns(crowds, { calls: rounds, warmUp: 3, turn: 1 });
      measured.push(...reportWays(took, { part, subject, bar }));
    } finally {
      await close();
    }
  };
  try {
    const times = `${rounds} rounds of each way after 3 to warm up, in turns; times are of a round`;
    console.log(`\n${together} calls of one client at once over stdio, ${times}:`);
    for (const subject of (await stdioSubjects(folder)).filter(({ hasBar }) => hasBar))
      await measure(openStdioWays, { part: 'parallel stdio', subject });
    console.log(`\n${together} calls of one client at once over HTTP, SDK clients, ${times}:`);
    for (const subject of await httpSubjects(folder)) await measure(openHttpWays, { part: 'parallel HTTP', subject });
    return measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
