import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import type { Process } from './census.ts';
import { isStillThere, takeCensus } from './census.ts';
import type { Family } from './find-strays.ts';
import { findStrays } from './find-strays.ts';
import { createGuard } from './guard.ts';

/** The marks of the groups that may still have a living member, by their leaders. */
const living = new Map<number, string>();
const ending = new Map<number, Promise<void>>();
const guard = createGuard();

/** Enough for a well-behaved server to save its work; two of them fit into the 2 s in which nothing may be left of it. */
const graceMs = 1000;
const pollMs = 20;
/** After SIGKILL only the system is waited for. */
const escalation = [
  ['SIGTERM', graceMs],
  ['SIGKILL', 5 * pollMs],
] as const;

/** To be called before a child is started: we may be killed at any moment from then on. */
export function readyGuard(): void {
  guard.ready();
}

/**
 * Remembers a started child, so that its group cannot be forgotten, by us or after us. The child must lead a group of its own
 * (`detached` on POSIX), and have `mark` in its environment.
 */
export function trackGroup({ pid }: ChildProcess, mark: string): void {
  if (pid === undefined) return;
  living.set(pid, mark);
  guard.add(pid);
}

/**
 * Ends a group, and what its members have started in groups of their own: `untilSignalMs` of patience, then SIGTERM, then after a
 * second SIGKILL. Resolves when nothing is left of it, and after a last wait even if there is: a process that the system cannot end
 * must not hold us. Whoever asks while it is being ended waits for the same end.
 */
export function endGroup(leader: number, untilSignalMs = 0): Promise<void> {
  const mark = living.get(leader);
  if (mark === undefined) return Promise.resolve();
  let end = ending.get(leader);
  if (end === undefined) {
    end = endFamily({ leader, mark }, untilSignalMs).then(() => {
      living.delete(leader);
      ending.delete(leader);
      guard.remove(leader);
    });
    ending.set(leader, end);
  }
  return end;
}

/**
 * Ends every group at once, without waiting: for the last moment of this process, when nothing asynchronous runs any more. What has
 * left a group is the guard's, which hears of our end and has not been told that the groups are gone.
 */
export function killAllGroups(): void {
  for (const leader of living.keys()) signalGroup(leader, 'SIGKILL');
  living.clear();
}

async function endFamily(family: Family, untilSignalMs: number): Promise<void> {
  const { leader } = family;
  const strays = new Map<number, Process>();
  const look = async (): Promise<void> => {
    for (const stray of findStrays(await takeCensus(), family)) strays.set(stray.pid, stray);
  };
  const isGone = (): boolean => !isAlive(leader) && ![...strays.values()].some(isStillThere);

  // While it is there, since it is by parents that some are found.
  const looked = look();
  if (untilSignalMs > 0) await waitUntil(() => !isAlive(leader), untilSignalMs);
  await looked;
  for (const [name, limitMs] of escalation) {
    const told = new Set<number>();
    const tell = (): void => {
      for (const stray of strays.values()) {
        if (!told.has(stray.pid) && isStillThere(stray)) signalOne(stray.pid, name);
        told.add(stray.pid);
      }
    };
    if (isAlive(leader)) signalGroup(leader, name);
    tell();
    // And those that have come in between. Nobody waits for the look to be told himself.
    await look();
    tell();
    if (await waitUntil(isGone, limitMs)) return;
  }
}

async function waitUntil(holds: () => boolean, limitMs: number): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() >= endMs) return false;
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

function signalGroup(leader: number, name: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform !== 'win32') return signalOne(-leader, name);
  // The tree that the leader is the root of, by force. What does not hold there: a child whose parent has ended is no longer in the
  // tree, nobody is asked before he is ended, and nothing is ended where this process is.
  spawnSync('taskkill', ['/pid', String(leader), '/T', '/F'], { windowsHide: true });
}

function signalOne(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone between the look and the signal.
  }
}

/** Windows has no groups: there the leader stands for the tree that `taskkill /T` ends. */
function groupOf(leader: number): number {
  return process.platform === 'win32' ? leader : -leader;
}
