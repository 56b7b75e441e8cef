// 20 calls that sleep 100 ms on a real server process, as one batch_call of a real client.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { quantile } from '../median.mjs';
import { packageFile, serverProgram } from '../servers.mjs';

export async function batchOfSleeps({ folder, runs }) {
  const config = join(folder, 'sleeps.json');
  const everything = { ...serverProgram('everything'), policy: 'builtin:everything' };
  await writeFile(
    config,
    JSON.stringify({ version: 1, stateDir: join(folder, 'state'), log: { level: 'error' }, servers: { everything } }),
  );
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [packageFile('dist/main.js'), 'serve', '--config', config],
    }),
  );
  try {
    await client.listTools();
    const call = { tool: 'everything__trigger-long-running-operation', arguments: { duration: 0.1, steps: 1 } };
    const batch = { calls: Array.from({ length: 20 }, () => call), maxParallel: 8, format: 'structured' };
    const walls = [];
    let timing;
    for (let run = -1; run < runs; run++) {
      const startMs = performance.now();
      const { structuredContent } = await client.callTool({ name: 'batch_call', arguments: batch });
      if (run >= 0) walls.push(performance.now() - startMs);
      if (structuredContent.counts.ok !== 20)
        throw new Error(`not every call succeeded: ${JSON.stringify(structuredContent.counts)}`);
      timing = structuredContent.timing;
    }
    return { medianMs: quantile(walls), serialMs: timing.serialMs, lowerBoundMs: timing.lowerBoundMs };
  } finally {
    await client.close();
  }
}
