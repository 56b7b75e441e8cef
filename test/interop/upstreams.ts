import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Target } from './clients/interop-client.ts';
import type { Upstream } from './feature.ts';

/** A server of the matrix: running, or ready to be started by whoever connects. */
export interface RunningUpstream {
  target: Target;
  /** Where it writes down what it sees and does. */
  recordFile: string;
  close: () => Promise<void>;
}

/** What is started: a program of servers/, over a transport; without an era it speaks all that its SDK can. */
export interface Program {
  sdk: Upstream['sdk'];
  transport: Upstream['transport'];
  era?: Upstream['era'];
}

export async function startUpstream({ sdk, transport, era }: Program): Promise<RunningUpstream> {
  const folder = mkdtempSync(join(tmpdir(), 'marshal-interop-'));
  const recordFile = join(folder, 'record.jsonl');
  writeFileSync(recordFile, '');
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const file = sdk === 'version 1' ? 'servers/v1.mjs' : 'servers/v2.mjs';
  // Version 1 has one era only.
  const words = sdk === 'version 2' && era !== undefined ? [transport, era] : [transport];
  const args = [fileURLToPath(new URL(file, import.meta.url)), ...words];
  const env = { INTEROP_RECORD: recordFile };
  if (transport === 'stdio') {
    return {
      target: { transport, command: process.execPath, args, env },
      recordFile,
      close: async () => remove(),
    };
  }
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const { url }: { url: string } = JSON.parse(await firstLine(child));
  return {
    target: { transport, url },
    recordFile,
    async close() {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.stdin.end();
      await ended;
      remove();
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line;
  throw new Error('the upstream ended before it listened');
}
