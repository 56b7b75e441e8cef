import type { AbortLike } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';

const firstMs = 250;
const longestMs = 4000;

/** What held this long ends a row of failures. */
const steadyMs = 10_000;

/**
 * How long to wait before the next attempt, after `failures` in a row: not at all at first, then 0.25 s doubling to 4 s. `random`
 * (0 to 1) takes up to a fifth off, so that the bridges of many clients do not come back in step.
 */
function backoffMs(failures: number, random: number): number {
  if (failures === 0) return 0;
  return Math.min(longestMs, firstMs * 2 ** (failures - 1)) * (1 - random / 5);
}

/** The pauses of something that is tried again and again. */
export interface Backoff {
  /** Resolves when it is time for the next attempt, or when `signal` is aborted. The pause is that which was asked for, if it was. */
  pause(signal: AbortLike, askedMs?: number): Promise<void>;
}

/** An attempt that comes 10 s or more after the one before counts as the first of a row. */
export function createBackoff({ clock, random }: { clock: Clock; random: () => number }): Backoff {
  let failures = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    async pause(signal, askedMs) {
      if (clock.now() - lastMs >= steadyMs) failures = 0;
      // Asked or not, nobody is to be kept busy with it.
      const ms = askedMs === undefined ? backoffMs(failures, random()) : Math.max(askedMs, firstMs);
      failures += 1;
      await sleep(ms, { clock, signal });
      lastMs = clock.now();
    },
  };
}

function sleep(ms: number, { clock, signal }: { clock: Clock; signal: AbortLike }): Promise<void> {
  if (ms === 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(ms, finish);
    signal.addEventListener('abort', finish);
  });
}
