import type { Clock } from '../../core/clock.ts';

/** Passes on the first of several at once, and of those that follow too soon the last one, in its time. */
export interface Coalesced<T> {
  tell(value: T): void;
  /** What is still held back is dropped. */
  stop(): void;
}

export function coalesce<T>(
  listener: (value: T) => void,
  { everyMs, clock }: { everyMs: number; clock: Clock },
): Coalesced<T> {
  let lastMs = Number.NEGATIVE_INFINITY;
  let held: { value: T; cancel: () => void } | undefined;

  const pass = (value: T): void => {
    held = undefined;
    lastMs = clock.now();
    listener(value);
  };
  return {
    tell(value) {
      const waitMs = lastMs + everyMs - clock.now();
      if (held !== undefined) held.value = value;
      else if (waitMs <= 0) pass(value);
      else held = { value, cancel: clock.after(waitMs, () => held && pass(held.value)) };
    },
    stop() {
      held?.cancel();
      held = undefined;
    },
  };
}
