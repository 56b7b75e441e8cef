import type { Clock } from '../../../core/clock.ts';

/** Who is to be kept alive. */
export interface Beating {
  beat(): void;
}

/** One timer for all open streams, and none while there are none. */
export interface KeepAlive {
  add(stream: Beating): void;
  remove(stream: Beating): void;
}

/** Calls `beat` of each stream every `everyMs`, the first time no later than that after it came. */
export function createKeepAlive(clock: Clock, everyMs: number): KeepAlive {
  const streams = new Set<Beating>();
  let cancel: (() => void) | undefined;

  const arm = (): void => {
    cancel = clock.after(everyMs, () => {
      for (const stream of streams) stream.beat();
      if (streams.size > 0) arm();
      else cancel = undefined;
    });
  };

  return {
    add(stream) {
      streams.add(stream);
      if (cancel === undefined) arm();
    },
    remove(stream) {
      streams.delete(stream);
      if (streams.size > 0) return;
      cancel?.();
      cancel = undefined;
    },
  };
}
