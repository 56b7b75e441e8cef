// mcp-marshal as its clients run it: the built program over stdio, with a real SDK client. One `batch_call`; and the client's own way,
// a separate `tools/call` for each, as many at once as the batch may have.
import pLimit from 'p-limit';
import { packageFile } from '../servers.mjs';
import { startClient } from '../start-client.mjs';
import { writeMarshalConfig } from '../upstreams.mjs';

export async function openMarshal({ folder, servers, maxParallel }) {
  const config = await writeMarshalConfig({ folder, who: 'marshal', servers, maxParallel });
  const { client, close, pid } = await startClient({
    command: process.execPath,
    args: [packageFile('dist/main.js'), 'serve', '--config', config],
  });
  return {
    who: 'marshal',
    pid,
    ways: {
      'mcp-marshal': async (calls, run) => {
        const { structuredContent } = await client.callTool({ name: 'batch_call', arguments: toBatch(calls, run) });
        checkReply(structuredContent, calls);
        return structuredContent;
      },
      'own way': (calls, run) => {
        const limit = pLimit(maxParallel);
        const send = ({ server, tool, args, timeoutMs }, n) =>
          client
            .callTool(
              { name: `${server}__${tool}`, arguments: { ...args, run, n } },
              timeoutMs && { timeout: timeoutMs },
            )
            .catch(() => {});
        return Promise.all(calls.map((call, n) => limit(() => send(call, n))));
      },
    },
    close,
  };
}

/** The arguments of `batch_call`. */
export function toBatch(calls, run) {
  return {
    calls: calls.map(({ server, tool, args, timeoutMs }, n) => ({
      tool: `${server}__${tool}`,
      arguments: { ...args, run, n },
      ...(timeoutMs !== undefined && { timeoutMs }),
    })),
    format: 'structured',
  };
}

/** One result per call, at its index, with the end that was to be expected, and its own answer and nobody else's. */
export function checkReply({ results }, calls) {
  if (results.length !== calls.length) throw new Error(`${results.length} results for ${calls.length} calls`);
  for (const [n, { args }] of calls.entries()) {
    const { status, index, result, error } = results[n];
    const wanted = args.hang ? 'timeout' : args.fail ? 'tool_error' : 'ok';
    if (index !== n || status !== wanted)
      throw new Error(`call ${n} is ${status} at ${index}, and should be ${wanted}: ${error?.message}`);
    if (result !== undefined && JSON.parse(result.content[0].text).n !== n)
      throw new Error(`call ${n} has the answer of another`);
  }
}
