import type { Clock } from '../../core/clock.ts';

/**
 * How long a timer stands still in all. A person who is asked may think for minutes; a server that never stops asking must not hold
 * its slots and its client's reply for ever.
 */
const maxPauseMs = 10 * 60_000;

/** Runs only while nobody is being asked anything. */
export interface PatientTimer {
  /** Stands still until as many `resume` have followed, or the patience is used up. */
  pause(): void;
  resume(): void;
  /** What is left of its time; pauses, those to come included, are not. */
  leftMs(): number;
  clear(): void;
}

/** Calls `fire` once after `ms` in which the timer ran; pauses do not count, up to ten minutes in all. */
export function startPatientTimer({ clock, ms, fire }: { clock: Clock; ms: number; fire: () => void }): PatientTimer {
  let leftMs = ms;
  let patienceMs = maxPauseMs;
  let pauses = 0;
  let sinceMs = clock.now();
  let isRunning = true;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    fire();
  };
  let clearTimer = clock.after(ms, end);

  const next = (afterMs: number, then: () => void): void => {
    clearTimer();
    sinceMs = clock.now();
    // Timers of the runtime drop fractions and would ring early.
    clearTimer = clock.after(Math.ceil(afterMs), then);
  };
  const run = (): void => {
    isRunning = true;
    next(leftMs, end);
  };
  const losePatience = (): void => {
    patienceMs = 0;
    run();
  };

  return {
    pause() {
      if (pauses++ > 0 || isOver || patienceMs <= 0) return;
      leftMs -= clock.now() - sinceMs;
      isRunning = false;
      next(patienceMs, losePatience);
    },
    resume() {
      if (--pauses > 0 || isOver || patienceMs <= 0) return;
      patienceMs -= clock.now() - sinceMs;
      run();
    },
    leftMs: () => (isRunning ? leftMs - (clock.now() - sinceMs) : leftMs),
    clear() {
      isOver = true;
      clearTimer();
    },
  };
}
