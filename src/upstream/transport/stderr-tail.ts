import { defaultLimits } from '../../core/limits.ts';
import { createLineSplitter } from '../../lib/line-splitter.ts';
import type { Redactor } from './redact.ts';

const maxLineChars = 2000;
/** Lines handed on per second; a flood is kept out of our own log, and read all the same so that the child never blocks. */
const maxLinesPerSecond = 20;

export interface StderrTail {
  push: (chunk: Buffer) => void;
  end: () => void;
  /** The last lines, oldest first, redacted. */
  lines: () => readonly string[];
}

export interface StderrTailOptions {
  onLine: (line: string) => void;
  redactor: Redactor;
  /** Absent: the default. */
  keptLines?: number | undefined;
}

/** Reads everything a child says on stderr, keeps the last lines and hands on as many as a log can bear; redacted before they are cut. */
export function createStderrTail({
  onLine,
  redactor,
  keptLines = defaultLimits.stderrLines,
}: StderrTailOptions): StderrTail {
  const kept: Said[] = [];
  const show = ({ text, isCut }: Said): string =>
    (isCut ? redactor.redactCut(text) : redactor.redact(text)).slice(0, maxLineChars);
  let second = 0;
  let handedOn = 0;
  const take = (line: Said): void => {
    if (kept.push(line) > keptLines) kept.shift();
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) {
      second = now;
      handedOn = 0;
    }
    if (++handedOn <= maxLinesPerSecond) onLine(show(line));
  };
  // A character takes up to four bytes.
  const splitter = createLineSplitter({
    maxBytes: 4 * maxLineChars,
    onLine: (text) => take({ text, isCut: false }),
    onOverflow: ({ head }) => take({ text: head, isCut: true }),
  });
  return { push: splitter.push, end: splitter.end, lines: () => kept.map(show) };
}

/** As it was said, since it is redacted only where it is shown: a flood is not worth the time. */
interface Said {
  text: string;
  isCut: boolean;
}
