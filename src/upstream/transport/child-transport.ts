import type { ChildProcess } from 'node:child_process';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { isJsonObject } from '../../core/json.ts';
import { defaultLimits, showBytes } from '../../core/limits.ts';
import type { ServerLimits } from '../../core/limits.ts';
import { createLineSplitter } from '../../lib/line-splitter.ts';
import type { OversizedLine } from '../../lib/line-splitter.ts';
import { deliver } from '../../lib/deliver.ts';
import { parseLine, toLine } from '../../lib/json-line.ts';
import { nestsDeeper } from '../../lib/nests-deeper.ts';
import { UnsentError } from '../peer/failure/unsent-error.ts';
import { endGroup, readyGuard, trackGroup } from '../processes/process-group.ts';
import { nextMark } from '../processes/run-mark.ts';
import type { InputQueue } from './input-queue.ts';
import { createInputQueue } from './input-queue.ts';
import { createLineTurns } from './line-turns.ts';
import { createNoiseCounter } from './noise.ts';
import type { Redactor } from './redact.ts';
import { spawnChild } from './spawn-child.ts';
import { explainStartFailure } from './start-failure.ts';
import { createStderrTail } from './stderr-tail.ts';

/** Levels that are built in some 20 ms; shorter lines cannot have many more. What is too deep to be passed on is judged later, part by part. */
const harmlessLevels = 50_000;
const harmlessChars = 64 * 1024;
/** How long a server may take to go after the end of its stdin, before it is signalled. */
const leaveMs = 1000;
/** A line so many times over the limit is taken for one without end: no message comes after it, and reading it is all we would do. */
const endlessFactor = 10;
/** After the process has gone, its stdout may hold a last answer; one held open by a grandchild is not waited for. */
const drainMs = 400;
/** After its stdout has ended, too, only its last words are waited for: an answer will not come, and callers are to hear of it. */
const lastWordsMs = 50;

export interface ChildTransportOptions {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** A server that has taken nothing of its input for so long, while there was some, is ended. */
  stallMs: number;
  /** Absent: the defaults. */
  limits?: ServerLimits | undefined;
  /** For what it prints, before that is shown or kept. */
  redactor: Redactor;
  onStderrLine: (line: string) => void;
  /** Lines on stdout that are not protocol since the last report, and the first of them; once a minute at most. */
  onNoise: (lines: number, sample: string) => void;
  onOversizedLine: (line: OversizedLine) => void;
  /** A line has gone over the limit, and begins like this; its end has not been seen. */
  onOversizing: (head: string) => void;
  /** A line was dropped that is nested more than `maxLevels` deep. */
  onTooDeep: (line: string, maxLevels: number) => void;
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
  let input: InputQueue | undefined;
  let ending: string | undefined;
  let closing: Promise<void> | undefined;
  const { messageBytes, queuedBytes, stderrLines } = options.limits ?? defaultLimits;
  let isClosed = false;
  let hasSettled = false;
  let leaving: NodeJS.Timeout | undefined;
  const noise = createNoiseCounter(options.onNoise, options.redactor.redact);
  const stderr = createStderrTail({ onLine: options.onStderrLine, redactor: options.redactor, keptLines: stderrLines });
  const splitter = createLineSplitter({
    maxBytes: messageBytes,
    onOverflow: options.onOversizedLine,
    onExcess: options.onOversizing,
    onLine: (line) => turns.push(line),
  });
  const turns = createLineTurns({
    take(line) {
      if (line.length > harmlessChars && nestsDeeper(line, harmlessLevels)) {
        return options.onTooDeep(line, harmlessLevels);
      }
      const message = parseLine(line, isMessage);
      if (message === undefined) noise.add(line);
      else if (!isClosed) deliver(transport, message);
    },
    hold(isHeld) {
      if (isHeld) child?.stdout?.pause();
      else child?.stdout?.resume();
    },
  });

  const settleClosed = (): void => {
    if (isClosed) return;
    isClosed = true;
    clearTimeout(leaving);
    noise.close();
    turns.close();
    if (closing === undefined) input?.close();
    transport.onclose?.();
  };

  /** The process has gone; what it started goes too. */
  const settleExit = (started: ChildProcess): void => {
    if (hasSettled) return;
    hasSettled = true;
    for (const stream of started.stdio) stream?.destroy();
    settleClosed();
    if (started.pid !== undefined) void endGroup(started.pid);
  };

  const listen = (started: ChildProcess): void => {
    started.stdout!.on('data', (chunk: Buffer) => {
      splitter.push(chunk);
      if (isClosed || splitter.pendingBytes() < endlessFactor * messageBytes) return;
      ending = 'sent a line that does not end and was ended';
      void transport.close();
    });
    // It may be ending, and tell how in a moment. One that lives on can answer nothing any more.
    started.stdout!.once('end', () => {
      if (isClosed) return;
      leaving = setTimeout(() => {
        if (hasExited(started)) return;
        ending ??= 'closed its stdout and was ended';
        void transport.close();
      }, drainMs);
    });
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
      ending ??= signalName === null ? `exited with code ${code}` : `was ended by ${signalName}`;
      let timer = setTimeout(() => settleExit(started), drainMs);
      const awaitLastWords = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => settleExit(started), lastWordsMs);
      };
      if (started.stdout!.closed) awaitLastWords();
      else started.stdout!.once('close', awaitLastWords);
      started.once('close', () => {
        clearTimeout(timer);
        settleExit(started);
      });
    });
    const { stallMs } = options;
    input = createInputQueue({
      input: started.stdin!,
      stallMs,
      onStall() {
        if (isClosed) return;
        ending = `has not read its input for ${stallMs / 1000} s and was ended`;
        void transport.close();
      },
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
        readyGuard();
        const mark = nextMark();
        const started = spawnChild(options, mark);
        if (started instanceof Error) {
          settleClosed();
          return reject(explainStartFailure(started, options));
        }
        child = started;
        started.once('spawn', resolve);
        started.once('error', (error) => {
          reject(explainStartFailure(error, options));
          settleClosed();
        });
        // Without as much as a pipe: the error follows.
        if (started.stdout === undefined) return;
        trackGroup(started, mark);
        listen(started);
      });
    },

    send(message) {
      if (input === undefined || !child?.stdin?.writable || isClosed)
        return refuse(ending ?? 'the server is not running');
      const line = toLine(message);
      if (line === undefined) return Promise.reject(new UnsentError('the call is nested too deep to be sent'));
      if (input.waiting() + line.length > queuedBytes) {
        return refuse(
          `the server does not read its input (limits.queuedBytes, ${showBytes(queuedBytes)}, would be waiting for it)`,
        );
      }
      input.push(line);
      return Promise.resolve();
    },

    close() {
      closing ??= end(child, input);
      // Told at once: whoever waits for an answer need not wait for the process to go.
      settleClosed();
      return closing;
    },
  };
  return transport;
}

function refuse(reason: string): Promise<never> {
  return Promise.reject(new UnsentError(reason, { fault: 'transport' }));
}

async function end(child: ChildProcess | undefined, input: InputQueue | undefined): Promise<void> {
  if (child?.pid === undefined) return;
  input?.end();
  await endGroup(child.pid, hasExited(child) ? 0 : leaveMs);
  for (const stream of child.stdio) stream?.destroy();
}

function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** A JSON-RPC message, by its shape; anything else on stdout is noise. Its content is judged by whoever it is for. */
function isMessage(value: unknown): value is JSONRPCMessage {
  return isJsonObject(value) && ('method' in value || 'id' in value);
}
