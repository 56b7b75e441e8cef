/**
 * Lines of one server that are handled in one turn of the event loop. A healthy server seldom sends as many at once; of one that
 * floods, a thousand stand in what is read at a time, and the others would wait for all of them.
 */
const linesPerTurn = 50;

/** Hands on lines as they come, but no more in one turn than is fair. What reads them is held up meanwhile, so that no more than one chunk waits. */
export interface LineTurns {
  push(line: string): void;
  /** What still waits is dropped. */
  close(): void;
}

export function createLineTurns(bag: {
  take: (line: string) => void;
  /** Called when lines begin to wait, and when none do any more. */
  hold: (isHeld: boolean) => void;
}): LineTurns {
  let waiting: string[] = [];
  let taken = 0;
  let nextTurn: NodeJS.Immediate | undefined;

  const beginTurn = (): void => {
    nextTurn = undefined;
    taken = 0;
    if (waiting.length === 0) return;
    const now = waiting.splice(0, linesPerTurn);
    taken = now.length;
    nextTurn = setImmediate(beginTurn);
    for (const line of now) bag.take(line);
    if (waiting.length === 0) bag.hold(false);
  };

  return {
    push(line) {
      nextTurn ??= setImmediate(beginTurn);
      if (taken < linesPerTurn && waiting.length === 0) {
        taken += 1;
        bag.take(line);
      } else if (waiting.push(line) === 1) bag.hold(true);
    },
    close() {
      clearImmediate(nextTurn);
      nextTurn = undefined;
      waiting = [];
    },
  };
}
