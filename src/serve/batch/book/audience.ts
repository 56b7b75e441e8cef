import type { AbortLike } from '../../../core/abort.ts';

/** The requests that wait for a batch: the one that it came with, and those that joined it under its idempotency key. */
export interface Audience {
  /** Returns what to call when the request has been answered. Until then its cancellation counts. */
  join(signal: AbortLike | undefined): () => void;
}

/** Calls `cancel` when everybody who waits has cancelled: whoever retries a request may cancel the first one, and still wants the batch. */
export function createAudience(cancel: () => void): Audience {
  let waiting = 0;
  return {
    join(signal) {
      waiting++;
      const leave = (): void => {
        waiting--;
        if (waiting === 0) cancel();
      };
      if (signal?.aborted === true) leave();
      else signal?.addEventListener('abort', leave, { once: true });
      return () => signal?.removeEventListener('abort', leave);
    },
  };
}
