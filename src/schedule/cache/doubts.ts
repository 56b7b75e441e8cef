import type { Clock } from '../../core/clock.ts';
import type { Lock } from '../../core/lock.ts';

/** A write whose end was not learnt may take effect late; no server is expected to take longer than this. */
const doubtMs = 5 * 60_000;
/** Beyond so many doubts at once, everything is in doubt. */
const maxDoubts = 1_000;

/** What writes may yet do whose end was not learnt. */
export interface Doubts {
  /** The locks of such a write, from the moment at which it gives them back. */
  add(locks: readonly Lock[]): void;
  /** The locks of all writes that are still in doubt. */
  now(): readonly (readonly Lock[])[];
}

/** No timers: what is over is found out when somebody asks. */
export function createDoubts(clock: Clock): Doubts {
  const doubts = new Map<string, { locks: readonly Lock[]; untilMs: number }>();
  const purge = (): void => {
    for (const [key, { untilMs }] of doubts) if (untilMs < clock.now()) doubts.delete(key);
  };
  return {
    add(locks) {
      purge();
      const everything: Lock[] = [{ node: '', mode: 'X' }];
      const meant = doubts.size < maxDoubts ? locks : everything;
      doubts.set(JSON.stringify(meant), { locks: meant, untilMs: clock.now() + doubtMs });
    },
    now() {
      purge();
      return [...doubts.values()].map(({ locks }) => locks);
    },
  };
}
