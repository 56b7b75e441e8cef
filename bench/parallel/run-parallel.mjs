// 200 calls of one client at once: the time until the last is answered, directly and through what stands between.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHttpWays } from '../passthrough/http-ways.mjs';
import { openStdioWays } from '../passthrough/stdio-ways.mjs';
import { httpSubjects, stdioSubjects } from '../passthrough/subjects.mjs';
import { takeTurns } from '../passthrough/take-turns.mjs';
import { judge } from '../verdict.mjs';
import { printWays } from '../ways-table.mjs';

const together = 200;
const maxRatio = 1.2;

/** Prints a table for each tool, and returns the figures that have a bar. */
export async function runParallel({ isQuick }) {
  const rounds = isQuick ? 5 : 21;
  const folder = await mkdtemp(join(tmpdir(), 'marshal-bench-'));
  const measured = [];
  const measure = async (open, transport, subject) => {
    const { ways, close } = await open(folder, subject);
    try {
      const crowds = ways.map(({ name, call }) => ({
        name,
        call: () => Promise.all(Array.from({ length: together }, call)),
      }));
      const took = await takeTurns(crowds, { calls: rounds, warmUp: 5, turn: 1 });
      const { era = 'legacy', server, tool } = subject;
      const verdicts = Object.fromEntries(
        took
          .filter(({ name }) => name.startsWith('mcp-marshal'))
          .map(({ name, ratio }) => [name, judge(`parallel ${transport} ${era} ${tool}`, ratio, { atMost: maxRatio })]),
      );
      printWays(`${tool} of the ${server} server${era === 'modern' ? ', modern' : ''}`, took, verdicts);
      measured.push(...Object.values(verdicts));
    } finally {
      await close();
    }
  };
  try {
    console.log(`\n${together} calls of one client at once, ${rounds} rounds of each way in turns, time of a round:`);
    console.log('  over stdio');
    for (const subject of await stdioSubjects(folder)) await measure(openStdioWays, 'stdio', subject);
    console.log('  over HTTP');
    for (const subject of await httpSubjects(folder)) await measure(openHttpWays, 'http', subject);
    return measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
