/** Has something done again whenever it is asked for. */
export interface Reloader {
  /** Asks for a run: now, or as soon as the present one has ended. Any number of requests during a run lead to one more. */
  request(): void;
  /** Whether the present run goes by what was, since another one was asked for. */
  isOutdated(): boolean;
  close(): void;
}

/** Never two runs at a time, and the last request always has one. `run` must not reject. */
export function createReloader(run: () => Promise<void>): Reloader {
  let isWanted = false;
  let isRunning = false;
  const life = new AbortController();

  const runAll = async (): Promise<void> => {
    isRunning = true;
    while (isWanted && !life.signal.aborted) {
      isWanted = false;
      await run();
    }
    isRunning = false;
  };
  return {
    request() {
      isWanted = true;
      if (!isRunning) void runAll();
    },
    isOutdated: () => isWanted,
    close() {
      life.abort();
    },
  };
}
