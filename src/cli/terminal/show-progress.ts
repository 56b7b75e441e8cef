import type { StatusLine } from './status-line.ts';

/** Before this, nobody wonders what the program is waiting for. */
export const quietMs = 300;
/** As often as a person can read it. */
const drawEveryMs = 100;

/**
 * Shows what is going on as long as it goes on, from 300 ms on: what is over sooner leaves the screen alone. Returns what ends it, and takes
 * the line off the screen.
 */
export function showProgress(status: StatusLine, describe: (elapsedMs: number) => string): () => void {
  if (!status.isVisible) return () => {};
  const startedMs = performance.now();
  const draw = setInterval(() => {
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs >= quietMs) status.show(describe(elapsedMs));
  }, drawEveryMs);
  return () => {
    clearInterval(draw);
    status.clear();
  };
}
