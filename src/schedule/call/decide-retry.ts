import type { SendResult } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';

/** scheduling.md §4.7: 200 ms, doubling. */
const firstBackoffMs = 200;
/** A server that wants to be left alone for longer is not waited for: who called can decide better than we can. */
const maxRetryAfterMs = 30_000;

/** How one sending of a call ended without a usable end. */
export type Failure = Exclude<SendResult, { ok: true }> | 'timeout';

/** What is known when a sending has failed. */
export interface FailedTry {
  failure: Failure;
  mayRepeat: PlannedCall['mayRepeat'];
  /** How often the call has been tried so far, this time included. */
  tries: number;
  /** Until nobody waits for the call any more; infinity where nothing limits it. */
  leftMs: number;
  /** From 0 to 1: full jitter, so that many calls that failed together do not come back together. */
  random: number;
}

/**
 * After how many milliseconds a call that has failed is sent again; nothing where that is its end. Only what reads or is declared
 * idempotent is, and only after trouble on the way (scheduling.md §4.7): an answer of the tool's own, an error included, is an end.
 */
export function decideRetry({ failure, mayRepeat, tries, leftMs, random }: FailedTry): number | undefined {
  if (mayRepeat === undefined || tries > mayRepeat.times) return undefined;
  const backoffMs = random * firstBackoffMs * 2 ** (tries - 1);
  if (failure === 'timeout') return mayRepeat.afterTimeout && backoffMs < leftMs ? backoffMs : undefined;
  const { fault, error, retryAfterMs = 0 } = failure;
  if (fault === undefined || error.rpc !== undefined || retryAfterMs > maxRetryAfterMs) return undefined;
  const afterMs = Math.max(backoffMs, retryAfterMs);
  return afterMs < leftMs ? afterMs : undefined;
}
