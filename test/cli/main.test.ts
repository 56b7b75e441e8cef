import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

// Writes its process id, then neither answers nor heeds the end of its input or SIGTERM.
const stubborn = `
  require('node:fs').writeFileSync('pid', String(process.pid));
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 1000);
`;

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'main-'));
  writeFileSync(join(cwd, 'broken.yaml'), 'version: 1\nservers: { a: { command: x, timeout: 30 parsecs } }\n');
  const servers = { stubborn: { command: process.execPath, args: ['-e', stubborn] } };
  writeFileSync(join(cwd, 'marshal.yaml'), JSON.stringify({ version: 1, servers, stateDir: cwd }));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

interface Run {
  child: ChildProcessWithoutNullStreams;
  out(): string;
  err(): string;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

function start(...argv: string[]): Run {
  const child = spawn(process.execPath, [program, ...argv], { cwd });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  return { child, out: () => out, err: () => err, ended };
}

/** Runs a command, and waits until its one server has been started. */
async function startWithServer(command: string): Promise<Run & { serverPid: number }> {
  rmSync(join(cwd, 'pid'), { force: true });
  const run = start(command);
  await expect.poll(readPid, { timeout: 10_000 }).toBeGreaterThan(0);
  return { ...run, serverPid: readPid() };
}

function readPid(): number {
  try {
    return Number(readFileSync(join(cwd, 'pid'), 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // Where nobody collects orphans, a process that has ended keeps its entry.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}

describe('the program', () => {
  test.each(['check', 'serve', 'tools'])(
    '%s of a broken configuration ends with 2 and an empty stdout',
    async (command) => {
      const run = start(command, '--config', 'broken.yaml');
      expect(await run.ended).toEqual({ code: 2, signal: null });
      expect(run.out()).toBe('');
      expect(run.err()).toBe(
        'broken.yaml:2:38 servers.a.timeout: "30 parsecs" is not a duration; write 500ms, 30s or 2m\n1 problem; nothing was started\n',
      );
    },
  );

  test.each(['stdout', 'stderr'] as const)('says nothing to a reader of %s that has gone, and ends', async (stream) => {
    const run = start(...(stream === 'stdout' ? ['schema'] : ['check', '--config', 'broken.yaml']));
    run.child[stream].destroy();
    const { signal } = await run.ended;
    expect(signal).toBe(null);
    expect(run.out() + run.err()).not.toMatch(/EPIPE|\n {4}at /);
  });

  test.each([
    { title: 'the end of its input', stop: (run: Run) => void run.child.stdin.end(), code: 0 },
    { title: 'SIGTERM', stop: (run: Run) => void run.child.kill('SIGTERM'), code: 0 },
    { title: 'SIGINT', stop: (run: Run) => void run.child.kill('SIGINT'), code: 130 },
  ])('[children] serve ends at $title within 5 s, and with it a server that will not', async ({ stop, code }) => {
    const run = await startWithServer('serve');
    const stoppedMs = performance.now();
    stop(run);
    expect(await run.ended).toEqual({ code, signal: null });
    expect(performance.now() - stoppedMs).toBeLessThan(5_000);
    expect(run.out()).toBe('');
    expect(isAlive(run.serverPid)).toBe(false);
  });

  test('[children] the end of its terminal ends it, and the servers with it', async () => {
    const run = await startWithServer('tools');
    run.child.kill('SIGHUP');
    expect(await run.ended).toEqual({ code: null, signal: 'SIGHUP' });
    expect(isAlive(run.serverPid)).toBe(false);
  });

  test('[children] where it serves without a terminal, the same signal has it read its configuration again and go on', async () => {
    const run = await startWithServer('serve');
    run.child.kill('SIGHUP');
    await expect.poll(run.err, { timeout: 10_000 }).toContain('reloaded: nothing changed; 1 kept');
    expect(isAlive(run.serverPid)).toBe(true);
    run.child.kill('SIGTERM');
    expect(await run.ended).toEqual({ code: 0, signal: null });
    expect(isAlive(run.serverPid)).toBe(false);
  });

  test('[children] a second Ctrl-C ends it at once, and the servers with it', async () => {
    const run = await startWithServer('serve');
    const stoppedMs = performance.now();
    run.child.kill('SIGINT');
    // Two signals of one kind that are not taken yet count as one.
    const again = setInterval(() => run.child.kill('SIGINT'), 20);
    expect(await run.ended).toEqual({ code: 130, signal: null });
    clearInterval(again);
    expect(performance.now() - stoppedMs).toBeLessThan(1_500);
    await expect.poll(() => isAlive(run.serverPid)).toBe(false);
  });

  test('a command that waits for servers ends at Ctrl-C with 130', async () => {
    const run = await startWithServer('tools');
    run.child.kill('SIGINT');
    expect(await run.ended).toEqual({ code: 130, signal: null });
    expect(run.out()).toBe('');
  });
});
