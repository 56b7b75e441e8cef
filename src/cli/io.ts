import type { Readable, Writable } from 'node:stream';

/** A stream towards a person or a program. */
export type Output = Writable & { isTTY?: boolean | undefined; columns?: number | undefined };

/** What the command line has of the process around it. `program.ts` brings the real one; tests bring their own. */
export interface CliIo {
  stdin: Readable & { isTTY?: boolean | undefined };
  stdout: Output;
  stderr: Output;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** What starts this program again: Node and the path of the running script. */
  commandLine: readonly [string, string];
  /** Calls `listener` when the process is asked to stop. A second time is not its business: the process ends at once. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /**
   * Calls `listener` at SIGHUP, which then does not ask the process to stop. Not where there is a terminal: there it says that the
   * terminal has gone. Returns what ends that.
   */
  onReload(listener: () => void): () => void;
  /** Calls `listener` with an error that nobody caught. */
  onCrash(listener: (error: unknown) => void): () => void;
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';
