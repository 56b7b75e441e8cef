import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const script = fileURLToPath(new URL('run.mjs', import.meta.url));
/** Of the table in CI; the rows have limits of their own. */
const tableLimitMs = 420_000;
const chaosSeconds = 45;
const soakSeconds = 30;

describe.runIf(process.platform === 'linux')('the suite of faults', () => {
  test(
    '[isolation] every fault of the table ends as it is promised, on stdio and HTTP',
    { timeout: tableLimitMs },
    async () => {
      const { code, stdout, stderr } = await run(['--again'], tableLimitMs);
      expect(stderr.split('\n').filter((line) => line.startsWith('FAILED'))).toEqual([]);
      expect(stdout).toMatch(/^(\d+) of \1 ok in/m);
      expect(code).toBe(0);
    },
  );

  // These two side by side: neither measures how long anything takes.
  test.concurrent(
    '[effect] no write is done twice and none is lost while servers and the program itself are killed at random',
    { timeout: 120_000 },
    async () => {
      const { code, stdout } = await run(['--chaos', '--writes', '3000', '--seconds', String(chaosSeconds)], 110_000);
      expect(stdout.split('\n').filter((line) => /^(BREACH|FAILED)/.test(line))).toEqual([]);
      expect(code).toBe(0);
    },
  );

  test.concurrent('after a mixed load with faults everything is as it was before', { timeout: 200_000 }, async () => {
    const { code, stdout } = await run(['--soak', `${soakSeconds}s`], 190_000);
    expect(stdout.split('\n').filter((line) => /^(BREACH|FAILED)/.test(line))).toEqual([]);
    expect(code).toBe(0);
  });

  test('arguments that make no sense are refused with the usage', async () => {
    expect(await run(['--soak', 'long'], 10_000)).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage:') });
    expect(await run(['--only', 'F99'], 10_000)).toMatchObject({ code: 2, stderr: expect.stringContaining('F01') });
  });
});

interface Report {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(args: readonly string[], limitMs: number): Promise<Report> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (stderr += chunk));
    // Asked to end a little before the test is over, so that it can end what it has started.
    const timer = setTimeout(() => child.kill('SIGTERM'), limitMs - 5_000);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}
