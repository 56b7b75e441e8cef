import type { AbortLike } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import type { BatchInput } from '../batch-input.ts';
import type { OpenBatch } from '../book/open-batch.ts';

/**
 * Waits until a batch has ended, or until `holds`; `timeoutMs` at most, and no longer than `signal` lets it. Tells
 * `onProgress` of each call that ends meanwhile. Never rejects.
 */
export function untilOver(
  batch: OpenBatch,
  options: {
    clock: Clock;
    timeoutMs: number;
    signal: AbortLike | undefined;
    onProgress?: BatchInput['onProgress'];
    holds?: () => boolean;
  },
): Promise<void> {
  const { clock, timeoutMs, signal, onProgress, holds = () => batch.isOver() } = options;
  if (holds() || signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    let told = batch.progress().done;
    const finish = (): void => {
      stopListening();
      cancelTimer();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const look = (): void => {
      const { done, total } = batch.progress();
      if (done > told) {
        told = done;
        onProgress?.({ done, total, message: `${done}/${total} calls of batch ${batch.batchId} have ended` });
      }
      if (holds()) finish();
    };
    const stopListening = batch.onChange(look);
    const cancelTimer = clock.after(timeoutMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
