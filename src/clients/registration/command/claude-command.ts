import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { JsonObject } from '../../../core/json.ts';

/** Has a client register a server by itself; resolves with how it went, for people. Never rejects. */
export type OwnCommand = (name: string, entry: JsonObject) => Promise<string>;

/** It starts Node and reads its file; what takes longer waits for somebody. */
const limitMs = 15_000;

/** Claude Code's command, where it is on the PATH. */
export function findClaudeCommand(
  env: Readonly<Record<string, string | undefined>>,
  { cwd, platform }: { cwd: string; platform: NodeJS.Platform },
): OwnCommand | undefined {
  // There, the command of an npm package is a script that is not started without the command interpreter.
  const file = platform === 'win32' ? 'claude.exe' : 'claude';
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const program = folders.map((folder) => join(folder, file)).find(isProgram);
  if (program === undefined) return undefined;
  return (name, entry) =>
    new Promise((resolve) => {
      const args = ['mcp', 'add-json', '--scope', 'user', name, JSON.stringify(entry)];
      // What it says may quote the file.
      const child = spawn(program, args, {
        cwd,
        env: { ...env },
        stdio: 'ignore',
        // A group of its own, so that a wrapper is ended with what it has started.
        detached: platform !== 'win32',
      });
      const limit = setTimeout(() => killGroup(child, platform), limitMs);
      const end = (said: string): void => {
        clearTimeout(limit);
        resolve(said);
      };
      child.once('error', (error) => end(error.message));
      child.once('close', (code, signal) => {
        end(signal === null ? `it ended with ${code}` : `it was ended after ${limitMs / 1_000} s`);
      });
    });
}

function killGroup(child: ChildProcess, platform: NodeJS.Platform): void {
  if (platform === 'win32' || child.pid === undefined) {
    child.kill('SIGKILL');
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone between the timer and the signal.
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
