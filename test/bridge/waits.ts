import { expect } from 'vitest';
import type { VirtualClock } from '../schedule/virtual-clock.ts';
import { recordingLogger, until } from '../upstream/support.ts';

/** Moves the clock on in steps of 50 ms, with time for what really happens in between, until something holds. */
export async function passUntil(clock: VirtualClock, holds: () => boolean): Promise<void> {
  for (let step = 0; step < 10_000 && !holds(); step++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await clock.pass(50);
  }
  expect(holds()).toBe(true);
}

/** A logger for a bridge, and what resolves when that bridge has found nobody where the proxy should be. */
export function watchBridge(): { logger: ReturnType<typeof recordingLogger>['logger']; hasTried: () => Promise<void> } {
  const { logger, lines } = recordingLogger();
  return { logger, hasTried: () => until(() => lines().some(({ msg }) => String(msg).includes('cannot be reached'))) };
}
