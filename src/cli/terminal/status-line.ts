import type { CliIo } from '../io.ts';
import { describeScreen } from './screen.ts';
import { cutText } from './text-width.ts';

/** One line at the foot of a terminal that says what is going on, and leaves no trace. */
export interface StatusLine {
  /** Whether anybody sees it. */
  isVisible: boolean;
  show(text: string): void;
  clear(): void;
  /** As long as it is held nothing is shown: what is on the screen is read, and typed beside. */
  hold(isHeld: boolean): void;
}

/**
 * Shows on stderr, and only to a person: a pipe, `CI`, `NO_COLOR` and a dumb terminal see nothing (contract.md §5), and nobody where it is
 * hushed, as with `--json`.
 */
export function createStatusLine(io: CliIo, { isHushed = false }: { isHushed?: boolean } = {}): StatusLine {
  const { isTerminal, unicode } = describeScreen(io, 'stderr');
  const isVisible = isTerminal && !isHushed && !io.env['CI'] && !io.env['NO_COLOR'] && io.env['TERM'] !== 'dumb';
  let shown = '';
  let isHeld = false;
  const draw = (text: string): void => {
    if (!isVisible || isHeld || text === shown) return;
    shown = text;
    // As wide as it is now: what a window made narrower has wrapped, nothing takes off the screen.
    const { width } = describeScreen(io, 'stderr');
    // Erase the line; one column stays free, since a full line wraps on some terminals.
    io.stderr.write(`\r\u001b[2K${cutText(text, width - 1, unicode ? '…' : '...')}`);
  };
  return { isVisible, show: draw, clear: () => draw(''), hold: (wanted) => void (isHeld = wanted) };
}
