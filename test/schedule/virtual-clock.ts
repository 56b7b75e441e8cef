import type { Clock } from '../../src/core/clock.ts';

/** A clock that stands still until the test moves it. Between two moments every promise that can settle does. */
export interface VirtualClock extends Clock {
  /** Moves on, from timer to timer, until `ms` have passed. */
  pass(ms: number): Promise<void>;
  /** Moves on until no timer is left. */
  runOut(): Promise<void>;
  timers(): number;
  sleep(ms: number): Promise<void>;
}

export function createVirtualClock(): VirtualClock {
  let now = 0;
  let serial = 0;
  const timers: { at: number; serial: number; fire: () => void }[] = [];

  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const after = (ms: number, fire: () => void): (() => void) => {
    const timer = { at: now + ms, serial: serial++, fire };
    timers.push(timer);
    return () => {
      const position = timers.indexOf(timer);
      if (position !== -1) timers.splice(position, 1);
    };
  };
  const advance = async (until: number): Promise<void> => {
    await settle();
    for (;;) {
      const next = timers.toSorted((a, b) => a.at - b.at || a.serial - b.serial)[0];
      if (next === undefined || next.at > until) break;
      timers.splice(timers.indexOf(next), 1);
      now = next.at;
      next.fire();
      await settle();
    }
  };

  return {
    now: () => now,
    after,
    timers: () => timers.length,
    sleep: (ms) => new Promise((resolve) => after(ms, resolve)),
    async pass(ms) {
      const until = now + ms;
      await advance(until);
      now = until;
    },
    runOut: () => advance(Number.POSITIVE_INFINITY),
  };
}
