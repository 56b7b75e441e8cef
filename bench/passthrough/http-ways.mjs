// Ways to call a server over HTTP: straight, through a program that only copies bytes, through mcp-marshal in front of the same server
// and in front of the same program over stdio, and through the nearest peer, where it can.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { startListener } from '../http/start-listener.mjs';
import { startMarshal } from '../http/start-marshal.mjs';
import { packageFile } from '../servers.mjs';
import { openWays } from './open-ways.mjs';
import { writeMarshalConfig } from './write-config.mjs';

/** Starts the server once, what stands before it, and a client for each way. */
export async function openHttpWays(folder, { server, tool, args, era, listener, program }) {
  const listeners = [];
  const start = async (kind) => {
    const started = await kind;
    listeners.push(started);
    return started;
  };
  const close = () => Promise.all(listeners.map((started) => started.close()));
  try {
    const { url, port: target } = await start(startListener(listener));
    const servers = { [`${server}-http`]: { url }, ...(program && { [`${server}-stdio`]: program }) };
    const marshal = await start(startMarshal(await writeMarshalConfig(folder, servers)));
    const copier = await start(startListener((port) => copierProgram(port, target)));
    const way = (name, at, prefix) => ({
      name,
      tool,
      args,
      era,
      server: prefix,
      transport: () => new StreamableHTTPClientTransport(new URL(at)),
    });
    const ways = [
      way('direct', url),
      way('byte copier', copier.url),
      way('mcp-marshal → HTTP', marshal.url, `${server}-http`),
      ...(program ? [way('mcp-marshal → stdio', marshal.url, `${server}-stdio`)] : []),
    ];
    // The peer speaks the legacy protocol alone.
    if (era === 'legacy') {
      const callmux = await start(startListener(await callmuxProgram(folder, { server, url })));
      ways.push(way('callmux → HTTP', callmux.url));
    }
    return await openWays(ways, [close]);
  } catch (error) {
    await close();
    throw error;
  }
}

function copierProgram(port, target) {
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL('../http/port-copier.mjs', import.meta.url)), String(port), String(target)],
  };
}

async function callmuxProgram(folder, { server, url }) {
  const config = join(folder, `callmux-http-${server}.json`);
  await writeFile(config, JSON.stringify({ servers: { [server]: { url } } }));
  const program = packageFile('node_modules/callmux/dist/bin/callmux.js');
  return (port) => ({
    command: process.execPath,
    args: [program, '--config', config, '--listen', String(port)],
    env: { HOME: folder },
  });
}
