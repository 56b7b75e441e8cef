// One call at a time over stdio: straight to the server, through a program that only copies bytes (what a second process costs at
// the least), through mcp-marshal, and through the nearest peer. Ways are taken in turns, so that a slow moment hits all alike.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { quantile } from './median.mjs';
import { packageFile, serverProgram } from './servers.mjs';

const turn = 200;

/** Three tools of three real servers: one that does nothing, and two that work (`works`), as those that people call do. */
export async function passthroughTools(folder) {
  const files = join(folder, 'files');
  const file = join(files, 'page.txt');
  await mkdir(files, { recursive: true });
  await writeFile(file, 'All work and no play makes Jack a dull boy.\n'.repeat(100));
  const env = { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') };
  await writeFile(
    env.MEMORY_FILE_PATH,
    Array.from(
      { length: 100 },
      (_, n) => `${JSON.stringify({ type: 'entity', name: `e${n}`, entityType: 'thing', observations: ['o'] })}\n`,
    ).join(''),
  );
  return [
    { server: 'everything', tool: 'echo', args: { message: 'hello' }, program: serverProgram('everything') },
    {
      works: true,
      server: 'memory',
      tool: 'open_nodes',
      args: { names: ['e1'] },
      program: { ...serverProgram('memory'), env },
    },
    {
      works: true,
      server: 'filesystem',
      tool: 'read_text_file',
      args: { path: file },
      program: serverProgram('filesystem', [files]),
    },
  ];
}

/** Median and 95th percentile of each way, in milliseconds. */
export async function passthroughCost({ folder, calls, warmUp, server, tool, args, program }) {
  const config = join(folder, `${server}.json`);
  const servers = { [server]: { ...program, policy: `builtin:${server}` } };
  await writeFile(
    config,
    JSON.stringify({ version: 1, stateDir: join(folder, 'state'), log: { level: 'error' }, servers }),
  );
  const peerConfig = join(folder, `callmux-${server}.json`);
  await writeFile(peerConfig, JSON.stringify({ servers: { [server]: program } }));
  const node = (...words) => ({ command: process.execPath, args: words });
  const ways = [
    { name: 'direct', program },
    {
      name: 'byte copier',
      program: { ...node(packageFile('bench/byte-copier.mjs'), program.command, ...program.args), env: program.env },
    },
    { name: 'mcp-marshal', program: node(packageFile('dist/main.js'), 'serve', '--config', config) },
    { name: 'callmux', program: node(packageFile('node_modules/callmux/dist/bin/callmux.js'), '--config', peerConfig) },
  ];
  const open = [];
  try {
    for (const { name, program: start } of ways) {
      const client = new Client({ name: 'bench', version: '1.0.0' });
      open.push({ name, client, samples: [] });
      await client.connect(new StdioClientTransport({ ...start, stderr: 'ignore' }));
      const { tools } = await client.listTools();
      open.at(-1).tool = tools.find((listed) => listed.name === tool || listed.name.endsWith(`__${tool}`)).name;
    }
    for (let done = -warmUp; done < calls; done += turn) {
      for (const way of open) {
        for (let call = 0; call < turn; call++) {
          const startMs = performance.now();
          const result = await way.client.callTool({ name: way.tool, arguments: args });
          const tookMs = performance.now() - startMs;
          if (result.isError || result.content.length === 0) throw new Error(`${way.name}: ${JSON.stringify(result)}`);
          if (done >= 0) way.samples.push(tookMs);
        }
      }
    }
  } finally {
    await Promise.all(open.map(({ client }) => client.close()));
  }
  return open.map(({ name, samples }) => ({ name, medianMs: quantile(samples), p95Ms: quantile(samples, 0.95) }));
}
