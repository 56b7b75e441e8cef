// One small call at a time: straight to the server, through mcp-marshal, and through the nearest peer.
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { quantile } from './median.mjs';
import { packageFile, serverProgram } from './servers.mjs';

const turn = 50;

export async function passthroughCost({ folder, calls, writeFile }) {
  const everything = serverProgram('everything');
  const config = join(folder, 'passthrough.json');
  await writeFile(
    config,
    JSON.stringify({
      version: 1,
      stateDir: join(folder, 'state'),
      log: { level: 'error' },
      servers: { everything: { ...everything, policy: 'builtin:everything' } },
    }),
  );
  const peerConfig = join(folder, 'callmux.json');
  await writeFile(peerConfig, JSON.stringify({ servers: { everything } }));
  const ways = [
    { name: 'direct', tool: 'echo', program: everything },
    {
      name: 'mcp-marshal',
      tool: 'everything__echo',
      program: { command: process.execPath, args: [packageFile('dist/main.js'), 'serve', '--config', config] },
    },
    {
      name: 'callmux',
      tool: undefined,
      program: {
        command: process.execPath,
        args: [packageFile('node_modules/callmux/dist/bin/callmux.js'), '--config', peerConfig],
      },
    },
  ];
  const clients = [];
  try {
    for (const { name, tool, program } of ways) {
      const client = new Client({ name: 'bench', version: '1.0.0' });
      clients.push({ name, client, samples: [] });
      await client.connect(new StdioClientTransport({ ...program, stderr: 'ignore' }));
      const { tools } = await client.listTools();
      clients.at(-1).tool = tool ?? tools.find((listed) => /(^|__)echo$/.test(listed.name)).name;
    }
    // The first turn warms up and is not counted.
    for (let done = -turn; done < calls; done += turn) {
      for (const { client, tool, samples } of clients) {
        for (let call = 0; call < turn; call++) {
          const startMs = performance.now();
          const result = await client.callTool({ name: tool, arguments: { message: 'hello' } });
          const tookMs = performance.now() - startMs;
          if (result.isError || !JSON.stringify(result).includes('hello'))
            throw new Error(`the echo did not come back: ${JSON.stringify(result)}`);
          if (done >= 0) samples.push(tookMs);
        }
      }
    }
  } finally {
    // callmux does not end with its input; the transport's close signals it.
    await Promise.all(clients.map(({ client }) => client.close()));
  }
  return clients.map(({ name, samples }) => ({ name, medianMs: quantile(samples), p95Ms: quantile(samples, 0.95) }));
}
