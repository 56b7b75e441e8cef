import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('run.mjs', import.meta.url));
const limitMs = 300_000;

test(
  '[conformance] what the official suite passes on a server, it passes on the proxy in front of that server, check for check',
  { timeout: limitMs },
  async () => {
    const { code, lines, errors } = await runScript([]);
    // Batches are tasks where a client wants them: of that the fixture has nothing.
    const differences = lines.filter((line) => /^ {2}(lost|gained)| failed: /.test(line));
    expect(differences.filter((line) => !line.startsWith('  gained: tasks-'))).toEqual([]);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    for (const target of ['direct', 'http', 'stdio']) {
      expect(rowOf(lines, '2025-11-25', target)).toMatchObject({ requiredPassed: 70, requiredFailed: 0 });
      expect(rowOf(lines, '2026-07-28', target)).toMatchObject({ requiredPassed: 120, requiredFailed: 0 });
    }
    expect(rowOf(lines, '2025-11-25', 'direct')).toMatchObject({ passed: 84, failed: 0 });
  },
);

test('a server that answers nothing is told from the fixture', { timeout: limitMs }, async () => {
  const server = createServer(
    (request, response) => void request.resume().on('end', () => response.writeHead(500).end()),
  );
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  try {
    const { port }: AddressInfo = JSON.parse(JSON.stringify(server.address()));
    const { code, lines } = await runScript(['--set', '2025-11-25', '--url', `http://127.0.0.1:${port}/mcp`]);
    expect(lines).toContainEqual(expect.stringMatching(/lost \(required\): ping ping: SUCCESS directly, FAILURE here/));
    expect(code).toBe(1);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('arguments that make no sense are refused with the usage', async () => {
  expect(await runScript(['--set', '2024-01-01'])).toMatchObject({
    code: 2,
    errors: expect.stringContaining('Usage:'),
  });
});

interface Report {
  code: number | null;
  lines: string[];
  errors: string;
}

function runScript(args: readonly string[]): Promise<Report> {
  return new Promise((resolve) => {
    // Ended a little before the test is, so that it can end what it has started.
    const child = execFile(process.execPath, [script, ...args], { timeout: limitMs - 10_000 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, lines: stdout.split('\n'), errors: stderr }),
    );
  });
}

function rowOf(lines: readonly string[], set: string, target: string): Record<string, number> {
  const line = lines.find((one) => one.startsWith(`${set}  ${target} `)) ?? '';
  const [passed, failed, , requiredPassed, requiredFailed] = line.split(/ +/).slice(2).map(Number);
  return {
    passed: passed ?? NaN,
    failed: failed ?? NaN,
    requiredPassed: requiredPassed ?? NaN,
    requiredFailed: requiredFailed ?? NaN,
  };
}
