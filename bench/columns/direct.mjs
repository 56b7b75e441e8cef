// Ways of calling the servers directly, without a proxy: one by one; all at once behind one p-limit; and contiguous segments, as most
// coding agents do: runs of reads in parallel, anything else alone.
import pLimit from 'p-limit';
import { startClient } from '../start-client.mjs';
import { upstreamPrograms } from '../upstreams.mjs';

/** Connects to the servers of a shape. The three ways share the connections. */
export async function openDirect({ folder, servers, maxParallel }) {
  const programs = upstreamPrograms({ folder, who: 'direct', servers });
  const open = new Map(await Promise.all(programs.map(async (program) => [program.name, await startClient(program)])));
  const send = ({ server, tool, args, timeoutMs }, run, n) =>
    open
      .get(server)
      .client.callTool({ name: tool, arguments: { ...args, run, n } }, timeoutMs && { timeout: timeoutMs })
      // One that times out is meant to; what else is lost shows in the servers' logs.
      .catch(() => {});
  const together = (calls, run) => {
    const limit = pLimit(maxParallel);
    return Promise.all(calls.map(({ call, n }) => limit(() => send(call, run, n))));
  };
  return {
    who: 'direct',
    ways: {
      'one by one': async (calls, run) => {
        for (const [n, call] of calls.entries()) await send(call, run, n);
      },
      'Promise.all': (calls, run) =>
        together(
          calls.map((call, n) => ({ call, n })),
          run,
        ),
      segments: async (calls, run) => {
        for (const segment of segmentsOf(calls)) await together(segment, run);
      },
    },
    close: () => Promise.all([...open.values()].map((connection) => connection.close())),
  };
}

function segmentsOf(calls) {
  const segments = [];
  let isReading = false;
  for (const [n, call] of calls.entries()) {
    if (call.tool === 'read' && isReading) segments.at(-1).push({ call, n });
    else segments.push([{ call, n }]);
    isReading = call.tool === 'read';
  }
  return segments;
}
