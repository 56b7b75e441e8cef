import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CliProxy } from '../../../src/cli/context.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import { fakeIo } from '../fake-io.ts';
import { readTool, stubParts } from '../stub-proxy.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'marshal-'));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(home, { recursive: true, force: true });
});

test.each([
  [100, 5_000],
  [27_000, 3_000],
  [30_000, 1_000],
])(
  'doctor waits no longer than it was told, but for a second: after %i ms of waiting, a server has %i ms for its answer',
  async (ms, limitMs) => {
    const stub = stubParts({ files: { tools: [readTool] } });
    const limits: number[] = [];
    const proxy: CliProxy = {
      ...stub.proxy,
      settled: async () => void vi.advanceTimersByTime(ms),
      measure: async (_, limit) => {
        limits.push(limit);
        return { roundTripMs: 3 };
      },
    };
    const fake = fakeIo({ cwd: home, env: { HOME: home } });
    await runCli(['doctor', '--json'], fake.io, { ...stub.parts, createProxy: () => proxy });
    expect(limits).toEqual([limitMs]);
  },
);
