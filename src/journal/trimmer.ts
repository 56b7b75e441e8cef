import type { JournalConfig } from '../config/config.ts';
import type { Logger } from '../lib/logger.ts';
import { createTrim } from './store/trim.ts';
import type { Store } from './store/store.ts';

/** Keeps the file to its age and size, a few milliseconds at a time. */
export interface Trimmer {
  /** Something was written: a file that grows fast is looked at before its time. */
  written(): void;
  close(): void;
}

export interface TrimmerOptions {
  config: JournalConfig;
  /** Wall clock, milliseconds since the epoch. */
  now: () => number;
  logger: Logger;
  store: () => Store | undefined;
}

const everyMs = 10 * 60_000;
/** After this many transactions of at most some 100 kB. */
const everyWrites = 500;
/** Between two steps, so that calls come through. */
const pauseMs = 20;
/** The first look is not part of the start. */
const firstMs = 1_000;

export function createTrimmer({ config, now, logger, store }: TrimmerOptions): Trimmer {
  let writes = 0;
  let timer: NodeJS.Timeout | undefined;
  let step: (() => boolean) | undefined;

  const arm = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(run, ms).unref();
  };

  const run = (): void => {
    const target = store();
    try {
      step ??= target && createTrim(target.connection, { ...config, nowMs: now() });
      if (step?.() === true) return arm(pauseMs);
    } catch (error) {
      // The next write says what is wrong with the file.
      logger.debug({ reason: String(error) }, 'old records of the journal could not be removed');
    }
    step = undefined;
    writes = 0;
    arm(everyMs);
  };

  arm(firstMs);
  return {
    written() {
      writes++;
      if (writes === everyWrites) arm(0);
    },
    close() {
      clearTimeout(timer);
    },
  };
}
