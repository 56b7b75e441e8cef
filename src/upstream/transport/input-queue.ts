import type { Writable } from 'node:stream';

/** Handed to the system together, and the most that is handed over at a time: each is a sign of life when it has been taken. */
const pieceBytes = 64 * 1024;

/** Lines on their way into a child's stdin. */
export interface InputQueue {
  push(line: string): void;
  /** Roughly the bytes that have not been taken: long lines by their bytes, short ones by their characters. */
  waiting(): number;
  /** Hands over all that waits, and the end of the input after it. Nothing is timed any more. */
  end(): void;
  /** Gives the timer back. */
  close(): void;
}

export interface InputQueueOptions {
  input: Writable;
  stallMs: number;
  /** Nothing has been taken for so long, while something waited. Called once each time. */
  onStall: () => void;
}

/**
 * Keeps what the system cannot take yet, and notices a reader that takes nothing. Neither a socket's own timeout nor its count of what
 * it holds will do for this: the one begins anew with all that is written, and the other stands still until all of it has been taken.
 */
export function createInputQueue({ input, stallMs, onStall }: InputQueueOptions): InputQueue {
  let pieces: (string | Buffer)[] = [];
  let next = 0;
  let queued = 0;
  let underWay = 0;
  let isEnded = false;
  let timer: NodeJS.Timeout | undefined;

  const write = (piece: string | Buffer): void => {
    underWay += piece.length;
    input.write(piece, () => {
      underWay -= piece.length;
      if (isEnded) return;
      advance();
      if (underWay > 0) timer?.refresh();
      else stopTimer();
    });
  };
  const stopTimer = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const hasRoom = (): boolean => underWay < pieceBytes;
  const advance = (): void => {
    while (hasRoom()) {
      const piece = pieces[next];
      if (piece === undefined) break;
      next += 1;
      queued -= piece.length;
      write(piece);
    }
    if (next < pieces.length) return;
    pieces = [];
    next = 0;
  };

  return {
    push(line) {
      for (const piece of line.length <= pieceBytes ? [line] : cut(line)) {
        pieces.push(piece);
        queued += piece.length;
      }
      advance();
      timer ??= setTimeout(onStall, stallMs);
    },
    waiting: () => queued + underWay,
    end() {
      isEnded = true;
      stopTimer();
      for (const piece of pieces.slice(next)) input.write(piece);
      pieces = [];
      input.end();
    },
    close() {
      isEnded = true;
      stopTimer();
      pieces = [];
    },
  };
}

function* cut(line: string): Generator<Buffer> {
  const bytes = Buffer.from(line);
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
