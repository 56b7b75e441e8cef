import type { Writable } from 'node:stream';
import type { Clock } from '../../core/clock.ts';

/** Resolves when all that was written has left, or nobody is there to read it, or after `limitMs`. */
export function untilWritten(output: Writable, { clock, limitMs }: { clock: Clock; limitMs: number }): Promise<void> {
  return new Promise((resolve) => {
    if (output.writableLength === 0 || output.destroyed) return resolve();
    const leave = (): void => {
      cancel();
      output.off('close', leave);
      resolve();
    };
    const cancel = clock.after(limitMs, leave);
    output.on('close', leave);
    // Called once what stands before it has been written, or has failed.
    output.write('', leave);
  });
}
