export interface Coalescer {
  /** Asks for a run: now if the last one began long enough ago, else as soon as it has. */
  trigger: () => void;
  close(): void;
}

export interface CoalescerOptions {
  /** From the start of one run to the start of the next. */
  minGapMs: number;
  /** Never runs twice at a time; must not reject. */
  run: () => Promise<void>;
}

/** Turns a storm of triggers into few runs. A trigger during a run leads to another run, so the last change is never lost. */
export function createCoalescer({ minGapMs, run }: CoalescerOptions): Coalescer {
  let startedMs = Number.NEGATIVE_INFINITY;
  let isRunning = false;
  let isWanted = false;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const start = async (): Promise<void> => {
    timer = undefined;
    isWanted = false;
    isRunning = true;
    startedMs = performance.now();
    try {
      await run();
    } finally {
      isRunning = false;
      if (isWanted) schedule();
    }
  };

  const schedule = (): void => {
    if (isClosed || timer !== undefined) return;
    const waitMs = startedMs + minGapMs - performance.now();
    if (waitMs <= 0) void start();
    else timer = setTimeout(() => void start(), waitMs);
  };

  return {
    trigger() {
      isWanted = true;
      if (!isRunning) schedule();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
