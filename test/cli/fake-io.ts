import { PassThrough, Readable } from 'node:stream';
import type { CliIo, Output, StopSignal } from '../../src/cli/io.ts';

export interface FakeIo {
  io: CliIo;
  out(): string;
  err(): string;
  signal(name: StopSignal): void;
  crash(error: unknown): void;
  /** SIGHUP without a terminal. */
  reload(): void;
  /** Listeners for signals and crashes that are still there. */
  listening(): number;
}

/** A process of one test: what is written is kept, signals come when the test says so. */
export function fakeIo(options: {
  stdin?: string | Readable;
  isTerminal?: boolean;
  columns?: number;
  env?: Record<string, string>;
  cwd?: string;
}): FakeIo {
  const { stdin, isTerminal = false, columns } = options;
  const signals = new Set<(signal: StopSignal) => void>();
  const reloads = new Set<() => void>();
  const crashes = new Set<(error: unknown) => void>();
  const input = typeof stdin === 'string' ? Readable.from([Buffer.from(stdin)]) : (stdin ?? Readable.from([]));
  const [stdout, out] = capture({ isTTY: isTerminal, columns });
  const [stderr, err] = capture({ isTTY: isTerminal, columns });
  const subscribe = <T>(listeners: Set<T>, listener: T): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    io: {
      stdin: Object.assign(input, { isTTY: isTerminal && stdin === undefined }),
      stdout,
      stderr,
      env: { LANG: 'C.UTF-8', ...options.env },
      cwd: options.cwd ?? import.meta.dirname,
      commandLine: ['/opt/node/bin/node', '/home/ann/mcp-marshal/dist/main.js'],
      onSignal: (listener) => subscribe(signals, listener),
      onReload: (listener) => subscribe(reloads, listener),
      onCrash: (listener) => subscribe(crashes, listener),
    },
    out,
    err,
    signal: (name) => signals.forEach((listener) => listener(name)),
    crash: (error) => crashes.forEach((listener) => listener(error)),
    reload: () => reloads.forEach((listener) => listener()),
    listening: () => signals.size + crashes.size + reloads.size,
  };
}

function capture(terminal: { isTTY: boolean; columns: number | undefined }): [Output, () => string] {
  const stream = new PassThrough();
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return [Object.assign(stream, terminal), () => text];
}
