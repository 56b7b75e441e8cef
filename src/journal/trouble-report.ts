import type { Logger } from '../lib/logger.ts';
import type { Trouble, TroubleKind } from './sqlite/trouble.ts';

/** What the log is told of a journal's trouble: once per kind, not once per call. */
export interface TroubleReport {
  failed(trouble: Trouble): void;
  /** It can be written again; so many records were lost meanwhile. Says nothing where nothing had been wrong. */
  recovered(lost: number): void;
}

/** A trouble that comes and goes is worth a line as often as this. */
const repeatMs = 10 * 60_000;

export function createTroubleReport(logger: Logger): TroubleReport {
  const saidAt = new Map<TroubleKind, number>();
  let isSaid = false;
  return {
    failed({ kind, message }) {
      // Not the wall clock: set back, it would have the log say nothing for as long.
      const nowMs = performance.now();
      if (nowMs - (saidAt.get(kind) ?? -Infinity) < repeatMs) return;
      saidAt.set(kind, nowMs);
      isSaid = true;
      logger.warn({ trouble: kind }, `nothing can be recorded: ${message}`);
    },
    recovered(lost) {
      if (lost > 0) logger.warn({ lost }, `the journal is written again; ${lost} records were lost`);
      else if (isSaid) logger.info({}, 'the journal is written again; nothing was lost');
      isSaid = false;
    },
  };
}
