import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';

/** Leaders of the groups that may still have a living member. */
const living = new Set<number>();

/** Enough for a well-behaved server to save its work; two of them fit into the 2 s in which nothing may be left of it. */
const graceMs = 1000;
const pollMs = 20;

/** Remembers a started child, so that its group cannot be forgotten. The child must lead a group of its own (`detached` on POSIX). */
export function trackGroup(child: ChildProcess): void {
  if (child.pid !== undefined) living.add(child.pid);
}

/**
 * Ends a group: `untilSignalMs` of patience, then SIGTERM, then after a second SIGKILL. Resolves when no member is left, and
 * after a last wait even if one is: a process that the system cannot end must not hold us.
 */
export async function endGroup(leader: number, untilSignalMs = 0): Promise<void> {
  const gone =
    (await waitForEnd(leader, untilSignalMs)) || (signal(leader, 'SIGTERM'), await waitForEnd(leader, graceMs));
  if (!gone) {
    signal(leader, 'SIGKILL');
    await waitForEnd(leader, 5 * pollMs);
  }
  living.delete(leader);
}

/** Ends every group at once, without waiting: for the last moment of this process, when nothing asynchronous runs any more. */
export function killAllGroups(): void {
  for (const leader of living) signal(leader, 'SIGKILL');
  living.clear();
}

async function waitForEnd(leader: number, limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; isAlive(leader); waitedMs += pollMs) {
    if (waitedMs >= limitMs) return false;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return true;
}

function isAlive(leader: number): boolean {
  try {
    process.kill(groupOf(leader), 0);
    return true;
  } catch (error) {
    // macOS answers EPERM for a group of which only unreaped processes are left.
    const isForbidden = error instanceof Error && 'code' in error && error.code === 'EPERM';
    return isForbidden && process.platform !== 'darwin';
  }
}

function signal(leader: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (process.platform === 'win32')
      spawnSync('taskkill', ['/pid', String(leader), '/T', '/F'], { windowsHide: true });
    else process.kill(-leader, name);
  } catch {
    // Gone between the look and the signal.
  }
}

/** Windows has no groups: there the leader stands for the tree that `taskkill /T` ends. */
function groupOf(leader: number): number {
  return process.platform === 'win32' ? leader : -leader;
}
