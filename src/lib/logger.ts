import { createRequire } from 'node:module';
import { destination as openDestination, pino, type Logger as PinoLogger } from 'pino';
import type { prettyFactory as PrettyFactory } from 'pino-pretty';

/** Where log lines go: anything with `write`, such as a stream. */
export interface LogDestination {
  write(line: string): unknown;
}

type Log = (fields: object, message: string) => void;

/**
 * What every room logs through. `fields` are facts beside the message; nothing secret goes there: no environment, header values,
 * arguments or results.
 */
export interface Logger {
  error: Log;
  warn: Log;
  info: Log;
  debug: Log;
  /** A logger whose lines all carry `fields` too. */
  child(fields: Record<string, string>): Logger;
}

export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** The logger that all others of a program are children of. */
export interface RootLogger extends Logger {
  /** From now on lines of this level and above are written, by its children too. */
  setLevel(level: LogLevel): void;
}

export interface LoggerOptions {
  level: LogLevel;
  format: 'json' | 'pretty';
  /** Absent: stderr, since stdout belongs to the protocol. */
  destination?: LogDestination;
}

/** A logger that writes at once, so that the last line before an exit is not lost. A closed stderr loses lines and ends nothing. */
export function createLogger({ level, format, destination = openStderr() }: LoggerOptions): RootLogger {
  // Which lines are written is decided here: a child of the library keeps the level that it was made with.
  const options = { level: 'trace', base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const threshold: Threshold = { rank: ranks[level] };
  const setLevel = (next: LogLevel): void => void (threshold.rank = ranks[next]);
  if (format === 'json') return { ...toLogger(pino(options, destination), threshold), setLevel };
  // Required rather than imported: a client's first answer need not wait for what few ask for.
  const { prettyFactory }: { prettyFactory: typeof PrettyFactory } = createRequire(import.meta.url)('pino-pretty');
  const pretty = prettyFactory({ colorize: process.stderr.isTTY });
  const lines = { write: (line: string) => destination.write(pretty(harmless(line))) };
  return { ...toLogger(pino(options, lines), threshold), setLevel };
}

/**
 * A line of JSON with what could lead a terminal written out, since the terminal is what a pretty line is for: names and errors of servers
 * are in it. The line ends of an error's stack stay.
 */
function harmless(line: string): string {
  return line
    .replaceAll(/(?<!\\)((?:\\\\)*)\\(u00[01][0-9a-f]|[bfr])/gi, '$1\\\\$2')
    .replaceAll(leading, (sign) => `\\\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

// DEL, C1, and the bidirectional marks of Unicode TR 36; JSON has those before as escapes.
const leading = /[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

interface Threshold {
  rank: number;
}

const ranks = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60, silent: Infinity };

function toLogger(written: PinoLogger, threshold: Threshold): Logger {
  const at =
    (level: 'debug' | 'error' | 'info' | 'warn'): Log =>
    (fields, message) => {
      if (ranks[level] >= threshold.rank) written[level](fields, message);
    };
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: (fields) => toLogger(written.child(fields), threshold),
  };
}

function openStderr(): LogDestination {
  const stderr = openDestination({ fd: 2, sync: true });
  // EPIPE: whoever read our stderr has gone. There is nobody left to tell.
  stderr.on('error', () => {});
  return stderr;
}
