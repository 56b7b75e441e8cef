/**
 * Gives one turn in each round of the event loop, in the order of asking, so that work that takes long is done piece by piece and others
 * come through in between. The first one is had at once. Who waits holds an open request, of which there is a bound elsewhere.
 */
export function createTurns(): () => Promise<void> {
  let waiting: (() => void)[] = [];
  let next = 0;
  let isTaken = false;

  const advance = (): void => {
    const resolve = waiting[next];
    next += 1;
    if (resolve !== undefined) {
      setImmediate(advance);
      return resolve();
    }
    waiting = [];
    next = 0;
    isTaken = false;
  };

  return () => {
    if (isTaken) return new Promise((resolve) => waiting.push(resolve));
    isTaken = true;
    setImmediate(advance);
    return Promise.resolve();
  };
}
