import { vi } from 'vitest';

/** Waits until a check holds. What is slow on a busy machine gets its time: how long it may take is not what is proven. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 10_000, interval: 10 });
}
