import type { Clock } from '../../core/clock.ts';

/** In one turn of the timer. Clients watch fewer resources, but servers name parts of them as they like. */
const maxKeys = 2_000;

/** Of each key, passes on the first at once, and of those that follow too soon the last one, in its time. */
export interface CoalescedByKey<T> {
  tell(key: string, value: T): void;
  /** What is still held back is dropped. */
  stop(): void;
}

/** As `coalesce`, for as many keys as are told of within `everyMs`, with one timer for all of them. */
export function coalesceByKey<T>(
  listener: (value: T) => void,
  { everyMs, clock }: { everyMs: number; clock: Clock },
): CoalescedByKey<T> {
  /** Told of since the timer was set; a value where there is news since. */
  let told = new Map<string, { value: T } | undefined>();
  let cancel: (() => void) | undefined;

  const flush = (): void => {
    const held = [...told].flatMap(([key, news]) => (news === undefined ? [] : [[key, news.value] as const]));
    told = new Map(held.map(([key]) => [key, undefined]));
    cancel = held.length > 0 ? clock.after(everyMs, flush) : undefined;
    for (const [, value] of held) listener(value);
  };

  return {
    tell(key, value) {
      const isHeld = told.has(key);
      if (!isHeld && told.size >= maxKeys) return;
      told.set(key, isHeld ? { value } : undefined);
      if (isHeld) return;
      cancel ??= clock.after(everyMs, flush);
      listener(value);
    },
    stop() {
      cancel?.();
      cancel = undefined;
      told.clear();
    },
  };
}
