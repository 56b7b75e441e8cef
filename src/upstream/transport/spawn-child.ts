import type { ChildProcess } from 'node:child_process';
import spawn from 'cross-spawn';
import { buildChildEnvironment } from './child-environment.ts';

export interface ChildProgram {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
}

/**
 * Starts a program in a process group of its own, with pipes to it. Most refusals of the system come as its `error` event; some, such as
 * of a path that leads through a file, are thrown by the platform, and returned here.
 */
export function spawnChild({ command, args, env, cwd }: ChildProgram, mark: string): ChildProcess | Error {
  try {
    return spawn(command, [...args], {
      env: buildChildEnvironment(env, mark),
      cwd,
      stdio: 'pipe',
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
