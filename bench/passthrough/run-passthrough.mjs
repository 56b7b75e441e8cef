// What a call costs that is passed through, one at a time: over stdio and over HTTP, beside direct ones and a peer's.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge } from '../verdict.mjs';
import { printWays } from '../ways-table.mjs';
import { openHttpWays } from './http-ways.mjs';
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
  const measure = async (open, { transport, bar, subject }) => {
    const { ways, close } = await open(folder, subject);
    try {
      const took = await takeTurns(ways, { calls, warmUp: calls, turn });
      const { era = 'legacy', server, tool, works } = subject;
      const isJudged = ({ name }) => works && name.startsWith('mcp-marshal');
      const verdicts = Object.fromEntries(
        took
          .filter(isJudged)
          .map(({ name, ratio }) => [name, judge(`passthrough ${transport} ${era} ${tool}`, ratio, { atMost: bar })]),
      );
      printWays(`${tool} of the ${server} server${era === 'modern' ? ', modern' : ''}`, took, verdicts);
      measured.push(...Object.values(verdicts));
    } finally {
      await close();
    }
  };
  try {
    const times = `${calls.toLocaleString('en')} of each way after as many to warm up, in turns of ${turn}`;
    console.log(`\none call at a time over stdio, ${times}:`);
    for (const subject of await stdioSubjects(folder))
      await measure(openStdioWays, { transport: 'stdio', bar: bars.stdio, subject });
    console.log(`\none call at a time over HTTP, SDK clients, ${times}:`);
    for (const subject of await httpSubjects(folder))
      await measure(openHttpWays, { transport: 'http', bar: bars.http, subject });
    console.log(
      '  No bar for echo: it does nothing, so that what a mere copier of bytes costs is near the bar or over it.',
    );
    return measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
