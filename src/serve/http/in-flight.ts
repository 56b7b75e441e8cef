import type { Clock } from '../../core/clock.ts';

/** The requests that are being answered, whoever sent them and however. */
export interface InFlight {
  /** Counts one more; what comes back is called when it has its answer, or will have none. A second time does nothing. */
  enter(): () => void;
  /** Resolves when there are none, or after `ms`. */
  drained(ms: number): Promise<void>;
}

export function createInFlight(clock: Clock): InFlight {
  const waiting = new Set<() => void>();
  let requests = 0;

  return {
    enter() {
      let isIn = true;
      requests++;
      return () => {
        if (!isIn) return;
        isIn = false;
        requests--;
        if (requests === 0) for (const leave of waiting) leave();
      };
    },
    drained: (ms) =>
      new Promise((resolve) => {
        if (requests === 0) return resolve();
        const leave = (): void => {
          waiting.delete(leave);
          cancel();
          resolve();
        };
        const cancel = clock.after(ms, leave);
        waiting.add(leave);
      }),
  };
}
