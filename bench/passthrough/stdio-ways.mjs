// Ways to call a server over stdio: straight, through a program that only copies bytes (what a second process costs at the least),
// through mcp-marshal, and through the nearest peer.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { packageFile } from '../servers.mjs';
import { openWays } from './open-ways.mjs';
import { writeMarshalConfig } from './write-config.mjs';

/** Starts a server and a client for each way. `call` calls the tool once and throws unless it succeeds. */
export async function openStdioWays(folder, { server, tool, args, program }) {
  const config = await writeMarshalConfig(folder, { [server]: program });
  const peerConfig = join(folder, `callmux-${server}.json`);
  await writeFile(peerConfig, JSON.stringify({ servers: { [server]: program } }));
  const node = (...words) => ({ command: process.execPath, args: words });
  const copier = packageFile('bench/byte-copier.mjs');
  const programs = {
    direct: program,
    'byte copier': { ...node(copier, program.command, ...program.args), env: program.env },
    'mcp-marshal': node(packageFile('dist/main.js'), 'serve', '--config', config),
    callmux: node(packageFile('node_modules/callmux/dist/bin/callmux.js'), '--config', peerConfig),
  };
  return openWays(
    Object.entries(programs).map(([name, start]) => ({
      name,
      tool,
      args,
      transport: () => new StdioClientTransport({ ...start, stderr: 'ignore' }),
    })),
  );
}
