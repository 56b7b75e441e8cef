import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findClaudeCommand } from '../../../src/clients/registration/command/claude-command.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'marshal-'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

/** A command of the client's that does this, in a shell. */
function command(script: string) {
  writeFileSync(join(folder, 'claude'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'claude'), 0o755);
  const env = { PATH: `${folder}:/usr/bin:/bin` };
  return findClaudeCommand(env, { cwd: folder, platform: 'linux' })!('marshal', { command: 'x' });
}

// Here and below the command is a shell script, which Windows does not start.
test.skipIf(process.platform === 'win32')(
  'a command that hangs is ended after its time, and what it has started with it',
  async () => {
    const said = command('sleep 30 &\necho $! > pid.part\nmv pid.part pid\nwait');
    const pid = await vi.waitFor(() => Number(readFileSync(join(folder, 'pid'), 'utf8')), { timeout: 5_000 });
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await said).toBe('it was ended after 15 s');
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5_000 });
  },
);

test.skipIf(process.platform === 'win32')('a command that ends leaves no timer behind', async () => {
  expect(await command('exit 3')).toBe('it ended with 3');
  expect(vi.getTimerCount()).toBe(0);
});

/** One that has ended may wait for somebody to collect it. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}
