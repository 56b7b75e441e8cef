import { destination as openDestination, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';

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

export interface LoggerOptions {
  level: 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
  format: 'json' | 'pretty';
  /** Absent: stderr, since stdout belongs to the protocol. */
  destination?: LogDestination;
}

/** A logger that writes at once, so that the last line before an exit is not lost. A closed stderr loses lines and ends nothing. */
export function createLogger({ level, format, destination = openStderr() }: LoggerOptions): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (format === 'json') return pino(options, destination);
  const pretty = prettyFactory({ colorize: process.stderr.isTTY });
  return pino(options, { write: (line: string) => destination.write(pretty(line)) });
}

function openStderr(): LogDestination {
  const stderr = openDestination({ fd: 2, sync: true });
  // EPIPE: whoever read our stderr has gone. There is nobody left to tell.
  stderr.on('error', () => {});
  return stderr;
}
