import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import type { Launch, ServerConfig, Transport } from '../../src/config/config.ts';
import type { Policy } from '../../src/config/policy.ts';
import { isJsonObject } from '../../src/core/json.ts';
import type { Client } from '../../src/core/protocol/client.ts';
import type { SendResult } from '../../src/core/outcome.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { Logger } from '../../src/lib/logger.ts';

type StdioTarget = Extract<Transport, { type: 'stdio' }>;

/** A fixture of test/fixtures/servers as a stdio transport. */
export function fixture(name: string, args: readonly string[] = [], env: Record<string, string> = {}): StdioTarget {
  const file = fileURLToPath(new URL(`../fixtures/servers/${name}`, import.meta.url));
  return { type: 'stdio', command: process.execPath, args: [file, ...args], env, cwd: process.cwd() };
}

/** A server's configuration with everything but its transport at the defaults. */
export function serverConfig(transport: Transport, name = 'files'): ServerConfig {
  const policy: Policy = {
    annotations: 'trust',
    unannotated: 'write',
    retryTimeouts: false,
    remember: 'none',
    unruled: { batch: 'ask', passthrough: 'allow' },
    rules: [],
    tools: [],
    limits: {},
    domain: name,
    base: process.cwd(),
    foldCase: false,
  };
  const place = { file: 'marshal.yaml', line: 1, column: 1 };
  const limits = { maxParallel: 8, maxParallelWrites: 8, maxParallelIsSet: false };
  const launch: Launch =
    transport.type === 'stdio'
      ? { command: transport.command, args: transport.args, env: [] }
      : { type: transport.type, url: transport.url, headers: [] };
  return { name, place, transport, launch, policy, enabled: true, parallel: 'none', ...limits };
}

/** A logger whose lines can be read back. */
export function recordingLogger(): { logger: Logger; lines: () => Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => lines.push(JSON.parse(line)) };
  return { logger: createLogger({ level: 'debug', format: 'json', destination }), lines: () => lines };
}

export const silent = createLogger({ level: 'silent', format: 'json' });

/** A client in front; of the legacy era, and able to do nothing beside, where nothing else is said. */
export function client(id: string, given: Partial<Client> = {}): Client {
  return { id, era: 'legacy', capabilities: {}, ...given };
}

/** The text of a successful call's first content block; fails on anything else. */
export function textOf(answer: SendResult): string {
  if (!answer.ok) throw new Error(`expected a result, got ${JSON.stringify(answer.error)}`);
  const { content } = answer.result;
  const block = Array.isArray(content) ? content[0] : undefined;
  if (!isJsonObject(block) || typeof block['text'] !== 'string') throw new Error('expected a text block first');
  return block['text'];
}

/** True while a process runs; one that has ended and only waits to be collected counts as gone. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits until something holds, looking every few milliseconds; for events in other processes, which no fake clock moves. */
export function until(holds: () => boolean, timeout = 15_000): Promise<void> {
  return vi.waitFor(
    () => {
      if (!holds()) throw new Error(`did not come true within ${timeout} ms`);
    },
    { timeout, interval: 10 },
  );
}

/** JSON text of an object with so many levels; `JSON.stringify` cannot write it, and `JSON.parse` reads it. */
export function deepJson(levels: number): string {
  return `${'{"deep":'.repeat(levels)}null${'}'.repeat(levels)}`;
}

/** A directory of its own for one test, and what removes it. */
export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'marshal-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface HttpFixture {
  url: (path: string) => string;
  /** Sends a command to its stdin and waits for the line that confirms it. */
  command: (line: string) => Promise<void>;
  close: () => void;
}

/** Starts test/fixtures/servers/http.mjs. */
export async function startHttpFixture(): Promise<HttpFixture> {
  const file = fileURLToPath(new URL('../fixtures/servers/http.mjs', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const first = await lines.next();
  const { port }: { port: number } = JSON.parse(first.value);
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    async command(line) {
      child.stdin!.write(`${line}\n`);
      await lines.next();
    },
    close: () => void child.kill(),
  };
}
