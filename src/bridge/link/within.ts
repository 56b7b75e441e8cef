import type { Clock } from '../../core/clock.ts';

/** Settles with the work, or after `ms` if that takes longer; the work goes on. Never rejects. */
export function within(ms: number, { clock, work }: { clock: Clock; work: Promise<unknown> }): Promise<void> {
  return new Promise((resolve) => {
    const cancelTimer = clock.after(ms, resolve);
    const finish = (): void => {
      cancelTimer();
      resolve();
    };
    void work.then(finish, finish);
  });
}
