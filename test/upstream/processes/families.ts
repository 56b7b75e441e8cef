import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markVariable, nextMark } from '../../../src/upstream/processes/run-mark.ts';
import { isRunning, temporaryDirectory, until } from '../support.ts';

export interface Started {
  child: ChildProcess;
  leader: number;
  mark: string;
  /** Of all its processes, the leader first. */
  pids: readonly number[];
}

/** A wrapper, what it wraps, and what that has started in a session of its own, as browser servers do; all deaf to SIGTERM. */
export const deaf = `
  trap '' TERM
  sh -c 'echo $$ > wrapped; setsid sh -c "echo \\$\\$ > stray; while :; do sleep 1; done" & while :; do sleep 1; done' &
  echo $$ > leader
  wait`;

/** The same, but with a leader that has gone, so that no parent tells whose they are. */
export const orphans = `
  trap '' TERM
  setsid sh -c 'echo $$ > stray; while :; do sleep 1; done' &
  sh -c 'echo $$ > wrapped; while :; do sleep 1; done' &
  echo $$ > leader`;

/** One that ends when it is asked to, with a stray that does so too and says so. */
export const polite = `
  setsid sh -c 'trap "echo > said; exit" TERM; echo $$ > stray; while :; do sleep 0.1; done' &
  echo $$ > wrapped
  echo $$ > leader
  exec sleep 60`;

/** One whose stray has neither mark nor group of it, only its parent. */
export const unmarked = `
  echo $$ > wrapped
  setsid env -u ${markVariable} sh -c 'echo $$ > stray; while :; do sleep 1; done' &
  echo $$ > leader
  while :; do sleep 1; done`;

export function createFamilies() {
  const directory = temporaryDirectory();
  const started: Started[] = [];
  return {
    path: directory.path,
    async start(script: string, mark = nextMark()): Promise<Started> {
      const child = spawn('/bin/sh', ['-c', script], {
        detached: true,
        stdio: 'ignore',
        cwd: directory.path,
        env: { ...process.env, [markVariable]: mark },
      });
      const files = ['leader', 'wrapped', 'stray'].map((name) => join(directory.path, name));
      await until(() => files.every((file) => existsSync(file) && readFileSync(file, 'utf8') !== ''));
      const pids = files.map((file) => Number(readFileSync(file, 'utf8')));
      const family = { child, leader: child.pid!, mark, pids };
      started.push(family);
      return family;
    },
    close() {
      for (const pid of started.flatMap(({ pids }) => pids)) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
      directory.remove();
    },
  };
}
