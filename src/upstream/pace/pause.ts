import { Aborter, type AbortLike } from '../../core/abort.ts';
import { sleep } from './time-limit.ts';

/** A wait that can be cut short. */
export interface Pause {
  /** Resolves after `ms`, when woken, or at once when the signal is aborted. One at a time. */
  rest(ms: number): Promise<void>;
  /** Ends the rest that is being taken, if there is one. */
  wake(): void;
}

export function createPause(signal: AbortLike): Pause {
  let current: Aborter | undefined;
  return {
    async rest(ms) {
      const own = new Aborter();
      const wake = (): void => own.abort();
      current = own;
      signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted) wake();
      await sleep(ms, own);
      signal.removeEventListener('abort', wake);
      if (current === own) current = undefined;
    },
    wake: () => current?.abort(),
  };
}
