import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { program } from '../e2e/support.ts';
import { until } from '../upstream/support.ts';
import type { Target } from './clients/interop-client.ts';

/** Proxies with one configuration, in front of one upstream. */
export interface Proxies {
  /** Over stdio a proxy has one client, which starts it. */
  stdio: Target;
  /** Starts the one that serves any number of clients over HTTP; rejects if it ends before it listens. */
  startHttp: () => Promise<Target>;
  /**
   * Resolves once the proxy over HTTP has its upstream, and has kept what it knows of it for the proxies that start next: what a client
   * is told at its opening is not known before.
   */
  untilWarm: () => Promise<void>;
  /** Ends the proxy over HTTP. Those over stdio end with their clients. */
  close: () => Promise<void>;
}

export function createProxies(upstream: Target): Proxies {
  const folder = mkdtempSync(join(tmpdir(), 'marshal-interop-'));
  const config = join(folder, 'marshal.json');
  const stateDir = join(folder, 'state');
  writeFileSync(config, JSON.stringify(toConfig(upstream, stateDir)));
  let child: HttpProxy | undefined;
  let url = '';
  return {
    stdio: { transport: 'stdio', command: process.execPath, args: [program, 'serve', '--config', config], env: {} },
    async startHttp() {
      const words = [program, 'serve', '--http', '127.0.0.1:0', '--no-auth', '--config', config];
      child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
      url = await untilListening(child);
      return { transport: 'http', url };
    },
    async untilWarm() {
      let isReady = false;
      const look = setInterval(() => void fetch(new URL('/readyz', url)).then(({ ok }) => (isReady = ok)), lookMs);
      try {
        await until(() => isReady && hasFiles(stateDir), warmWithinMs);
      } finally {
        clearInterval(look);
      }
    },
    async close() {
      if (child !== undefined && child.exitCode === null) {
        const ended = new Promise((resolve) => child?.once('close', resolve));
        child.kill();
        await ended;
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type HttpProxy = ChildProcessByStdio<null, null, Readable>;

const lookMs = 25;
// Longer than a proxy waits for its upstreams.
const warmWithinMs = 10_000;

function toConfig({ transport, ...where }: Target, stateDir: string): object {
  const peer = { ...where, ...(transport === 'sse' && { type: 'sse' }) };
  // Names stay as the upstream has them, for the rows are the same without the proxy.
  return { version: 1, stateDir, naming: 'bare', servers: { peer } };
}

function untilListening(child: HttpProxy): Promise<string> {
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      const url = urlIn(line);
      if (url !== undefined) resolve(url);
    });
    child.once('close', () => reject(new Error(`the proxy ended before it listened: ${lines.join('\n')}`)));
  });
}

function urlIn(line: string): string | undefined {
  try {
    const said: { msg?: string; url?: string } = JSON.parse(line);
    return said.msg === 'listening' ? said.url : undefined;
  } catch {
    return undefined;
  }
}

function hasFiles(folder: string): boolean {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).some((entry) => entry.isFile());
  } catch {
    return false;
  }
}
