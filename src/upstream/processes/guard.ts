import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { guardScript } from './guard-script.ts';
import { markVariable, runPrefix } from './run-mark.ts';

/**
 * A small process beside this one, which ends the groups that it was told of when we have gone without doing so, as at SIGKILL: then
 * nobody else can. It ends with us where nothing is left to end. There is none on Windows, and none on a system without `/bin/sh`: a
 * kill there leaves servers that do not end with their input.
 */
export interface Guard {
  /** Starts the guard if none runs: before there is anything to be ended, since nobody would end what is started before it. */
  ready(): void;
  /** As `ready`, and tells it of a group. Neither throws. */
  add(leader: number): void;
  remove(leader: number): void;
  /** Of the guard, while it runs. */
  pid(): number | undefined;
  /** Ends its input, as the end of this process would. */
  leave(): void;
}

/** One that is killed is started again at once, and one that cannot live not more often than this. */
const restartMs = 1000;

export function createGuard(): Guard {
  const leaders = new Set<number>();
  let guard: ChildProcess | undefined;
  let startedMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const tell = (said: string): void => void guard?.stdin?.write(`${said}\n`);
  const startAgain = (): void => {
    timer = undefined;
    if (leaders.size > 0) start();
  };
  const restart = (): void => {
    guard = undefined;
    const waitMs = startedMs + restartMs - performance.now();
    if (waitMs <= 0) startAgain();
    else timer ??= setTimeout(startAgain, waitMs).unref();
  };
  const start = (): void => {
    if (process.platform === 'win32' || guard !== undefined || timer !== undefined) return;
    startedMs = performance.now();
    const started = spawnGuard();
    if (started === undefined) return restart();
    guard = started;
    started.once('exit', restart);
    // Where there is no shell there never will be one. Other reasons pass, such as too many open files.
    started.once('error', (error) => 'code' in error && error.code !== 'ENOENT' && restart());
    // A guard that has gone is noticed by its end.
    started.stdin?.on('error', () => {});
    started.unref();
    if (started.stdin instanceof Socket) started.stdin.unref();
    for (const leader of leaders) tell(`+${leader}`);
  };

  return {
    ready: start,
    add(leader) {
      leaders.add(leader);
      if (guard !== undefined) tell(`+${leader}`);
      else start();
    },
    remove(leader) {
      if (leaders.delete(leader)) tell(`-${leader}`);
    },
    pid: () => guard?.pid,
    leave() {
      leaders.clear();
      clearTimeout(timer);
      guard?.stdin?.end();
    },
  };
}

/** Some of the system's refusals are told by an event, others thrown: these are no reason to lose sight of a server. */
function spawnGuard(): ChildProcess | undefined {
  try {
    return spawn('/bin/sh', ['-c', guardScript, 'mcp-marshal-guard', `${markVariable}=${runPrefix()}`], {
      // Not in our session, whose end or interrupt would be its own; not in our directory, which it would keep from being removed.
      detached: true,
      cwd: '/',
      // None of ours, by which it would find itself.
      env: { PATH: process.env['PATH'] },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
  } catch {
    return undefined;
  }
}
