const newline = 0x0a;
const carriageReturn = 0x0d;

/** A line over the bound: its first and last bytes (up to 2,000 and 200, decoded) and its whole length. */
export interface OversizedLine {
  head: string;
  tail: string;
  bytes: number;
}

export interface LineSplitterOptions {
  /** A line longer than this, its newline not counted, is dropped. */
  maxBytes: number;
  /** Called for each line that is not empty, without its line end. */
  onLine: (line: string) => void;
  /** Called once for each dropped line, when its end is seen; the stream goes on with the next one. */
  onOverflow: (line: OversizedLine) => void;
  /** Called when a line goes over the bound, with its first bytes, before its end is seen: it may have none. */
  onExcess?: (head: string) => void;
}

export interface LineSplitter {
  /** Takes the next bytes of the stream. The chunk must not be changed afterwards. */
  push: (chunk: Buffer) => void;
  /** Bytes of the line whose end has not been seen yet. */
  pendingBytes: () => number;
  /** The stream has ended: what stands after the last newline is a line too. */
  end: () => void;
}

/** Cuts a byte stream into lines of UTF-8, in time linear in its length however it is cut into chunks. */
export function createLineSplitter({ maxBytes, onLine, onOverflow, onExcess }: LineSplitterOptions): LineSplitter {
  // The unfinished line as the pieces it came in, joined once, when it is whole. Joining at each chunk would be quadratic.
  let pieces: Buffer[] = [];
  let bytes = 0;
  let oversized: { head: string; tail: Buffer } | undefined;

  const add = (piece: Buffer): void => {
    bytes += piece.length;
    if (oversized !== undefined) {
      oversized.tail = lastBytes([oversized.tail, piece]);
      return;
    }
    pieces.push(piece);
    if (bytes > maxBytes + 1 || (bytes > maxBytes && piece.at(-1) !== carriageReturn)) {
      oversized = { head: firstBytes(pieces), tail: lastBytes(pieces) };
      pieces = [];
      onExcess?.(oversized.head);
    }
  };

  const finish = (): void => {
    const whole = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    const dropped = oversized;
    const length = bytes;
    pieces = [];
    bytes = 0;
    oversized = undefined;
    if (dropped !== undefined) {
      onOverflow({ head: dropped.head, tail: dropped.tail.toString('utf8'), bytes: length });
      return;
    }
    const end = whole.at(-1) === carriageReturn ? whole.length - 1 : whole.length;
    if (end > 0) onLine(whole.toString('utf8', 0, end));
  };

  return {
    push(chunk) {
      let start = 0;
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, start)) {
        if (at > start) add(chunk.subarray(start, at));
        start = at + 1;
        finish();
      }
      if (start < chunk.length) add(start === 0 ? chunk : chunk.subarray(start));
    },
    pendingBytes: () => bytes,
    end() {
      if (bytes > 0) finish();
    },
  };
}

const headBytes = 2000;
const tailBytes = 200;

function firstBytes(pieces: readonly Buffer[]): string {
  return Buffer.concat(pieces.map((piece) => piece.subarray(0, headBytes)))
    .subarray(0, headBytes)
    .toString('utf8');
}

function lastBytes(pieces: readonly Buffer[]): Buffer {
  const ends: Buffer[] = [];
  let needed = tailBytes;
  for (const piece of [...pieces].reverse()) {
    if (needed <= 0) break;
    const end = piece.subarray(-needed);
    ends.unshift(end);
    needed -= end.length;
  }
  return Buffer.concat(ends);
}
