import { defaultLimits } from '../../core/limits.ts';
import { createLineSplitter } from '../../lib/line-splitter.ts';

const maxLineChars = 2000;
/** Lines handed on per second; a flood is kept out of our own log, and read all the same so that the child never blocks. */
const maxLinesPerSecond = 20;

export interface StderrTail {
  push: (chunk: Buffer) => void;
  end: () => void;
  /** The last lines, oldest first. */
  lines: () => readonly string[];
}

/** Reads everything a child says on stderr, keeps the last lines and hands on as many as a log can bear. */
export function createStderrTail(
  onLine: (line: string) => void,
  keptLines: number = defaultLimits.stderrLines,
): StderrTail {
  const kept: string[] = [];
  let second = 0;
  let handedOn = 0;
  const take = (text: string): void => {
    const line = text.length > maxLineChars ? text.slice(0, maxLineChars) : text;
    if (kept.push(line) > keptLines) kept.shift();
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) {
      second = now;
      handedOn = 0;
    }
    if (++handedOn <= maxLinesPerSecond) onLine(line);
  };
  // A character takes up to four bytes.
  const splitter = createLineSplitter({
    maxBytes: 4 * maxLineChars,
    onLine: take,
    onOverflow: ({ head }) => take(head),
  });
  return { push: splitter.push, end: splitter.end, lines: () => kept };
}
