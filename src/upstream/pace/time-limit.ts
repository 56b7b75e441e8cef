import type { AbortLike } from '../../core/abort.ts';
export interface TimeLimit {
  /** Aborted when the time is over or the parent is aborted. */
  signal: AbortSignal;
  isOver(): boolean;
  /** Gives timer and listener back. */
  clear(): void;
}

/** A signal that aborts after `ms`, or with `parent`. */
export function timeLimit(ms: number, parent: AbortSignal): TimeLimit {
  const controller = new AbortController();
  let isOver = false;
  const abort = (): void => controller.abort();
  const timer = setTimeout(() => {
    isOver = true;
    abort();
  }, ms);
  parent.addEventListener('abort', abort, { once: true });
  if (parent.aborted) abort();
  return {
    signal: controller.signal,
    isOver: () => isOver,
    clear() {
      clearTimeout(timer);
      parent.removeEventListener('abort', abort);
    },
  };
}

/** Resolves after `ms`, or at once when `signal` is aborted. */
export function sleep(ms: number, signal: AbortLike): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
}
