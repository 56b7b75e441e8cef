import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Guard } from '../../../src/upstream/processes/guard.ts';
import { createGuard } from '../../../src/upstream/processes/guard.ts';
import { guardScript } from '../../../src/upstream/processes/guard-script.ts';
import { markVariable, nextMark } from '../../../src/upstream/processes/run-mark.ts';
import { bestOf } from '../../best-of.ts';
import { isRunning, until } from '../support.ts';
import { createFamilies, deaf, orphans, polite, unmarked } from './families.ts';

/** What may live after the proxy, by the promise that it makes. */
const goneWithinMs = 2000;

let families: ReturnType<typeof createFamilies>;
let guard: Guard;
beforeEach(() => {
  families = createFamilies();
  guard = createGuard();
});
afterEach(async () => {
  const pid = guard.pid();
  guard.leave();
  families.close();
  // It would take the next test's processes for its own: they are of the same run.
  await until(() => pid === undefined || !isRunning(pid));
});

describe.runIf(process.platform === 'linux')('when the proxy is gone', () => {
  test.each([
    ['deaf to SIGTERM, wrapped, and in a session of its own', deaf],
    ['orphaned by a wrapper that has gone', orphans],
    ['known by nothing but its parent', unmarked],
  ])('a process that is %s is ended within 2 s', async (_, script) => {
    const { leader, pids } = await families.start(script);
    guard.add(leader);
    await until(() => guard.pid() !== undefined);
    const alive = pids.filter(isRunning);
    expect(alive.length).toBeGreaterThan(1);
    guard.leave();
    await until(() => !alive.some(isRunning), goneWithinMs);
  });

  test('a process is ended that was started when we were killed, and of which the guard had not been told', async () => {
    guard.ready();
    const { pids } = await families.start(orphans);
    expect(pids.slice(1).every(isRunning)).toBe(true);
    guard.leave();
    await until(() => !pids.some(isRunning), goneWithinMs);
  });

  test('one that carries our mark a moment after we were killed is ended', async () => {
    // The guard waits between its two looks until there is somebody.
    const file = join(families.path, 'looked');
    const script = guardScript.replace(
      'sleep 0.1',
      `touch '${file}'; while [ ! -e '${file}.on' ]; do sleep 0.01; done`,
    );
    const mark = nextMark();
    const shell = spawn('/bin/sh', ['-c', script, 'guard', `${markVariable}=${mark}`], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    shell.stdin.end();
    await until(() => existsSync(file));
    const { pids } = await families.start(orphans, mark);
    expect(pids.slice(1).every(isRunning)).toBe(true);
    writeFileSync(`${file}.on`, '');
    await until(() => !pids.some(isRunning), goneWithinMs);
  });

  test('those that end when they are asked to are not killed', async () => {
    const { leader, pids } = await families.start(polite);
    guard.add(leader);
    guard.leave();
    await until(() => !pids.some(isRunning), goneWithinMs);
    expect(existsSync(join(families.path, 'said'))).toBe(true);
  });

  test('where the system has no /proc, parents tell who belongs to whom', async () => {
    const { leader, pids } = await families.start(unmarked);
    const script = guardScript.replaceAll('/proc/', '/none/');
    const shell = spawn('/bin/sh', ['-c', script, 'guard', 'no-mark'], { stdio: ['pipe', 'ignore', 'ignore'] });
    shell.stdin.end(`+${leader}\n`);
    await until(() => shell.exitCode !== null, goneWithinMs);
    expect(pids.some(isRunning)).toBe(false);
  });

  test('a group that was given back, and does not carry our mark, is left alone', async () => {
    const { leader, pids } = await families.start(deaf, 'of-another-run');
    guard.add(leader);
    const pid = guard.pid()!;
    guard.remove(leader);
    guard.leave();
    await until(() => !isRunning(pid));
    expect(pids.every(isRunning)).toBe(true);
  });

  test('the guard ends at once where nothing is left to end', async () => {
    const { tookMs } = await bestOf(
      3,
      async () => {
        const idle = createGuard();
        idle.add(999_999_999);
        const pid = idle.pid()!;
        idle.leave();
        await until(() => !isRunning(pid));
      },
      500,
    );
    expect(tookMs).toBeLessThan(500);
  });
});

describe.runIf(process.platform === 'linux')('while the proxy lives', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('the guard stays at %s', async (signal) => {
    guard.add(999_999_999);
    const pid = guard.pid()!;
    // Not before it has set its traps.
    await until(() => readFileSync(`/proc/${pid}/status`, 'utf8').includes('SigIgn:\t0000000000005007'));
    process.kill(pid, signal);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isRunning(pid)).toBe(true);
  });

  test('a guard that was killed is replaced, and the new one knows what the old one did', async () => {
    const { leader, pids } = await families.start(deaf, 'of-another-run');
    guard.add(leader);
    const pid = guard.pid()!;
    process.kill(pid, 'SIGKILL');
    await until(() => guard.pid() !== undefined && guard.pid() !== pid, 3000);
    expect(pids.every(isRunning)).toBe(true);
    guard.leave();
    await until(() => !pids.some(isRunning), goneWithinMs);
  });

  test('one shell that waits for input is all it costs', async () => {
    guard.add(999_999_999);
    const pid = guard.pid()!;
    await until(() => readFileSync(`/proc/${pid}/status`, 'utf8').includes('SigIgn:\t0000000000005007'));
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    expect(Number(resident)).toBeLessThan(4096);
  });
});

test('a system that refuses the guard, by throwing, keeps no server from being started', async () => {
  vi.resetModules();
  vi.doMock('node:child_process', async (original) => ({
    ...(await original<typeof import('node:child_process')>()),
    spawn() {
      throw Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM' });
    },
  }));
  const fresh = await import('../../../src/upstream/processes/guard.ts');
  vi.doUnmock('node:child_process');
  const refused = fresh.createGuard();
  expect(() => refused.ready()).not.toThrow();
  expect(() => refused.add(999_999_999)).not.toThrow();
  expect(refused.pid()).toBeUndefined();
  refused.leave();
});
