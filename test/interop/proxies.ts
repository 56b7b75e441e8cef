import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { program } from '../e2e/support.ts';
import type { Target } from './clients/interop-client.ts';

/** A proxy in front of one upstream: running, or ready to be started by the client. */
export interface InteropProxy {
  target: Target;
  close: () => Promise<void>;
}

/** Over stdio a proxy has one client, which starts it. */
export function stdioProxy(upstream: Target): InteropProxy {
  const { config, remove } = writeProxyConfig(upstream);
  return {
    target: {
      transport: 'stdio',
      command: process.execPath,
      args: [program, 'serve', '--config', config],
      env: {},
    },
    close: async () => remove(),
  };
}

/** Starts a proxy that serves any number of clients over HTTP. */
export async function startHttpProxy(upstream: Target): Promise<InteropProxy> {
  const { config, remove } = writeProxyConfig(upstream);
  const child = spawn(process.execPath, [program, 'serve', '--http', '127.0.0.1:0', '--no-auth', '--config', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      const said = parseLine(line);
      if (said.msg === 'listening' && said.url !== undefined) resolve(said.url);
    });
    void ended.then(() => reject(new Error(`the proxy ended before it listened: ${lines.join('\n')}`)));
  });
  return {
    target: { transport: 'http', url: toEndpoint(url) },
    async close() {
      child.kill();
      await ended;
      remove();
    },
  };
}

function writeProxyConfig(upstream: Target): { config: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'marshal-interop-'));
  const config = join(folder, 'marshal.json');
  const { transport, ...where } = upstream;
  const peer = { ...where, ...(transport === 'sse' && { type: 'sse' }) };
  // Names stay as the upstream has them, for the rows are the same without the proxy.
  const whole = { version: 1, stateDir: join(folder, 'state'), naming: 'bare', servers: { peer } };
  writeFileSync(config, JSON.stringify(whole));
  return { config, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

function parseLine(line: string): { msg?: string; url?: string } {
  try {
    const said: { msg?: string; url?: string } = JSON.parse(line);
    return said;
  } catch {
    return {};
  }
}

function toEndpoint(said: string): string {
  const url = new URL(said);
  if (url.pathname === '/') url.pathname = '/mcp';
  return url.href;
}
