import type { ChildProcess } from 'node:child_process';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import spawn from 'cross-spawn';
import { isJsonObject } from '../../core/json.ts';
import { createLineSplitter } from '../../lib/line-splitter.ts';
import type { OversizedLine } from '../../lib/line-splitter.ts';
import { deliver } from '../../lib/deliver.ts';
import { parseLine, toLine } from '../../lib/json-line.ts';
import { UnsentError } from '../peer/unsent-error.ts';
import { buildChildEnvironment } from './child-environment.ts';
import { createNoiseCounter } from './noise.ts';
import { endGroup, trackGroup } from './process-group.ts';
import { explainStartFailure } from './start-failure.ts';
import { createStderrTail } from './stderr-tail.ts';

/** Longest line read from a server. Longer ones are dropped: a client cannot show 10 MiB, and reading must stay bounded. */
const maxLineBytes = 10 * 1024 * 1024;
/** Bytes that may wait for a server which does not read its stdin. */
const maxQueuedBytes = 64 * 1024 * 1024;
/** How long a server may take to go after the end of its stdin, before it is signalled. */
const leaveMs = 1000;
/** After the process has gone, its stdout may hold a last answer; one held open by a grandchild is not waited for. */
const drainMs = 400;

export interface ChildTransportOptions {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  onStderrLine: (line: string) => void;
  /** Lines on stdout that are not protocol since the last report, and the first of them; once a minute at most. */
  onNoise: (lines: number, sample: string) => void;
  onOversizedLine: (line: OversizedLine) => void;
}

export interface ChildTransport extends Transport {
  /** Absent before the start. Together with `stderr` it tells the SDK that this is a child process, whose silence means legacy. */
  readonly pid: number | undefined;
  readonly stderr: null;
  /** The last lines of stderr, for error messages. */
  stderrLines: () => readonly string[];
  /** How the process ended, in words; absent while it runs. */
  ending: () => string | undefined;
}

/**
 * A server as a child process, one JSON-RPC message per line on its stdin and stdout, in a process group of its own that ends
 * with it. `start` rejects with the reason and its mend; `send` rejects with an `UnsentError`, never later than at once.
 */
export function createChildTransport(options: ChildTransportOptions): ChildTransport {
  let child: ChildProcess | undefined;
  let ending: string | undefined;
  let closing: Promise<void> | undefined;
  let isClosed = false;
  const noise = createNoiseCounter(options.onNoise);
  const stderr = createStderrTail(options.onStderrLine);
  const splitter = createLineSplitter({
    maxBytes: maxLineBytes,
    onOverflow: options.onOversizedLine,
    onLine(line) {
      const message = parseLine(line, isMessage);
      if (message === undefined) noise.add(line);
      else if (!isClosed) deliver(transport, message);
    },
  });

  const settleClosed = (): void => {
    if (isClosed) return;
    isClosed = true;
    noise.close();
    transport.onclose?.();
  };

  /** The process has gone; what it started goes too. */
  const settleExit = (started: ChildProcess): void => {
    for (const stream of started.stdio) stream?.destroy();
    settleClosed();
    if (started.pid !== undefined) void endGroup(started.pid);
  };

  const listen = (started: ChildProcess): void => {
    started.stdout!.on('data', splitter.push);
    started.stderr!.on('data', stderr.push);
    started.stderr!.on('end', stderr.end);
    for (const stream of started.stdio) {
      stream?.on('error', (error: Error) => {
        transport.onerror?.(error);
        // A server that closes its stdin can be asked nothing more.
        if (stream === started.stdin) void transport.close();
      });
    }
    started.once('exit', (code, signalName) => {
      ending = signalName === null ? `exited with code ${code}` : `was ended by ${signalName}`;
      const drained = setTimeout(() => settleExit(started), drainMs);
      started.once('close', () => {
        clearTimeout(drained);
        settleExit(started);
      });
    });
  };

  const transport: ChildTransport = {
    get pid() {
      return child?.pid;
    },
    stderr: null,
    stderrLines: stderr.lines,
    ending: () => ending,

    start() {
      if (child !== undefined) throw new Error('this transport has been started already; make a new one');
      return new Promise((resolve, reject) => {
        const started = spawn(options.command, [...options.args], {
          env: buildChildEnvironment(options.env),
          cwd: options.cwd,
          stdio: 'pipe',
          detached: process.platform !== 'win32',
          windowsHide: true,
        });
        child = started;
        trackGroup(started);
        listen(started);
        started.once('spawn', resolve);
        started.once('error', (error) => {
          reject(explainStartFailure(error, options));
          settleClosed();
        });
      });
    },

    send(message) {
      const stdin = child?.stdin;
      if (!stdin?.writable || isClosed) return Promise.reject(new UnsentError(ending ?? 'the server is not running'));
      const line = toLine(message);
      if (line === undefined) return Promise.reject(new UnsentError('the call is nested too deep to be sent'));
      if (stdin.writableLength + line.length > maxQueuedBytes) {
        return Promise.reject(new UnsentError('the server does not read its input (64 MiB are waiting for it)'));
      }
      stdin.write(line);
      return Promise.resolve();
    },

    close() {
      closing ??= end(child);
      // Told at once: whoever waits for an answer need not wait for the process to go.
      settleClosed();
      return closing;
    },
  };
  return transport;
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined) return;
  child.stdin?.end();
  const hasExited = child.exitCode !== null || child.signalCode !== null;
  await endGroup(child.pid, hasExited ? 0 : leaveMs);
  for (const stream of child.stdio) stream?.destroy();
}

/** A JSON-RPC message, by its shape; anything else on stdout is noise. Its content is judged by whoever it is for. */
function isMessage(value: unknown): value is JSONRPCMessage {
  return isJsonObject(value) && ('method' in value || 'id' in value);
}
