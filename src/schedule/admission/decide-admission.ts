import type { CallError } from '../../core/outcome.ts';

/** Calls that wait for slots of which none is free. */
export interface Crowd {
  /** Whose slots, in words. */
  where: string;
  /** Calls of other batches that are likely to go before. */
  ahead: number;
  /** Absent: nobody knows yet how fast it moves. */
  endsPerSecond: number | undefined;
}

/** A batch that has arrived, and what it meets. */
export interface Arrival {
  /** For each kind of call that the batch has: the crowds between it and its slots. */
  crowds: readonly (readonly Crowd[])[];
  deadlineMs: number;
  calls: number;
  /** A call of it needs approval, or may. */
  mayAsk: boolean;
  /** Calls of all batches that have not started, and the most that there may be. */
  waiting: number;
  maxWaiting: number;
  /** Those that cannot start before a person has answered. They count for themselves, since that may take hours and takes nothing from others. */
  heldBack: number;
}

/** The rest is for its own calls, and for what the estimate does not see. */
const shareForOthers = 0.8;
/** Whoever sets a shorter deadline means the background, where nobody waits. */
const shortMs = 1_000;

/**
 * Why a batch is refused at its arrival; nothing where it is taken. Only the work of others counts: a batch that is alone is never
 * refused, however slow its servers are. One of which a part finds slots in time is taken, too.
 */
export function decideAdmission(arrival: Arrival): CallError | undefined {
  const { crowds, deadlineMs, calls, mayAsk, waiting, maxWaiting, heldBack } = arrival;
  if (waiting > 0 && waiting + calls > maxWaiting) {
    return refuse(`${waiting} calls wait already, of ${maxWaiting} that may (limits.queuedCalls); send it again later`);
  }
  // Nobody else is kept from running by them: it is only about how much is kept in mind.
  if (mayAsk && heldBack > 0 && heldBack + calls > maxWaiting) {
    return refuse(
      `${heldBack} calls wait for approval already, of ${maxWaiting} that may (limits.queuedCalls); send it again when some have been answered`,
    );
  }
  const allowedMs = Math.max(deadlineMs * shareForOthers, shortMs);
  const worst = crowds.map(longestWait);
  const best = worst.reduce<Wait | undefined>((a, b) => (a === undefined || b.ms < a.ms ? b : a), undefined);
  if (best === undefined || best.ms <= allowedMs) return undefined;
  const { where, ahead } = best.crowd!;
  const again = Math.max(1, Math.ceil((best.ms - allowedMs) / 1000));
  return refuse(
    `too much is waiting: ${ahead} calls of other batches go first ${where}, which takes some ${seconds(best.ms)} s, and this batch has to answer within ${seconds(deadlineMs)} s; send it again in ${again} s or later`,
  );
}

interface Wait {
  ms: number;
  crowd: Crowd | undefined;
}

function longestWait(crowds: readonly Crowd[]): Wait {
  let longest: Wait = { ms: 0, crowd: undefined };
  for (const crowd of crowds) {
    const ms = crowd.endsPerSecond === undefined ? 0 : (crowd.ahead * 1000) / crowd.endsPerSecond;
    if (ms > longest.ms) longest = { ms, crowd };
  }
  return longest;
}

function refuse(message: string): CallError {
  return { code: 'limit_exceeded', message, retryable: true };
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
