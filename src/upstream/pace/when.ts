import type { AbortLike } from '../../core/abort.ts';

export interface WhenOptions {
  holds: () => boolean;
  /** Calls its listener whenever it may have begun to hold; returns what ends that. */
  onChange: (listener: () => void) => () => void;
  timeoutMs: number;
  signal?: AbortLike | undefined;
}

/** Resolves as soon as something holds, when the time is over, or on abort. */
export function when({ holds, onChange, timeoutMs, signal }: WhenOptions): Promise<void> {
  return new Promise((resolve) => {
    if (holds()) return resolve();
    const finish = (): void => {
      stop();
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const stop = onChange(() => {
      if (holds()) finish();
    });
    const timer = setTimeout(finish, timeoutMs);
    signal?.addEventListener('abort', finish, { once: true });
    if (signal?.aborted) finish();
  });
}
