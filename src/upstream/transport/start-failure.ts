import { statSync } from 'node:fs';

export interface StartFailureContext {
  command: string;
  cwd: string;
}

/**
 * Why a program could not be started, and what mends it. A missing directory and a missing program are both ENOENT to the
 * system, so the directory is looked at.
 */
export function explainStartFailure(error: NodeJS.ErrnoException, { command, cwd }: StartFailureContext): Error {
  return new Error(explain(error, command, cwd));
}

function explain(error: NodeJS.ErrnoException, command: string, cwd: string): string {
  if (!isDirectory(cwd)) return `the working directory "${cwd}" does not exist, or is none; create it or correct "cwd"`;
  if (error.code === 'ENOENT') {
    const program = programOfLine(command);
    if (program !== undefined) {
      return `the command "${command}" was not found: it is taken for the name of one program; write "${program}" as "command", and each word behind it into "args"`;
    }
    return `the command "${command}" was not found; install it, or write its full path as "command"`;
  }
  if (error.code === 'ENOTDIR') {
    return `the path of the command "${command}" leads through a file; correct "command"`;
  }
  if (error.code === 'EACCES') {
    return `no permission to run "${command}"; make it executable (chmod +x) or correct "command"`;
  }
  if (error.code !== undefined && exhausted.has(error.code)) {
    return `the system has no room for another process (${error.code}); raise its limits (ulimit -n, ulimit -u)`;
  }
  return `"${command}" could not be started (${error.code ?? error.message}); try it in a shell`;
}

const exhausted: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The program where a whole command line stands in the place of its name, such as `npx -y a-server`. A path may hold spaces. */
export function programOfLine(command: string): string | undefined {
  return /^([\w.@+-]+)\s+\S/.exec(command)?.[1];
}
