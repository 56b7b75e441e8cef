// The nearest peer: one `callmux_parallel`, with as many calls at once as the batch may have and each server takes.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFile } from '../servers.mjs';
import { startClient } from '../start-client.mjs';
import { upstreamPrograms } from '../upstreams.mjs';

export async function openCallmux({ folder, servers, maxParallel }) {
  const programs = upstreamPrograms({ folder, who: 'callmux', servers });
  const config = join(folder, 'callmux.json');
  const configured = programs.map(({ name, cap, ...program }) => [
    name,
    { ...program, ...(cap !== undefined && { maxConcurrency: cap }) },
  ]);
  await writeFile(config, JSON.stringify({ maxConcurrency: maxParallel, servers: Object.fromEntries(configured) }));
  const { client, close } = await startClient({
    command: process.execPath,
    args: [packageFile('node_modules/callmux/dist/bin/callmux.js'), '--config', config],
    env: { ...process.env, HOME: folder },
  });
  return {
    who: 'callmux',
    ways: {
      callmux: async (calls, run) => {
        const listed = calls.map(({ server, tool, args, timeoutMs }, n) => ({
          server,
          tool,
          arguments: { ...args, run, n },
          ...(timeoutMs !== undefined && { timeoutMs }),
        }));
        await client.callTool({ name: 'callmux_parallel', arguments: { calls: listed } });
      },
    },
    close,
  };
}
