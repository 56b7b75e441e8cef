import type { AbortLike } from '../../core/abort.ts';
import type { SendResult } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';

/** Sends one call to its upstream. Settles soon after `signal` aborts; a rejection counts as an internal error of a sent call. */
export type Send = (call: PlannedCall, signal: AbortLike, underway: Underway) => Promise<SendResult>;

/** What is to be said of a call while it is under way. */
export interface Underway {
  /** `true`: nothing has left yet, since there is no connection; `false`: it is about to. */
  setWaiting: (isWaiting: boolean) => void;
  /** Whether a question of its server is with the client. Neither the call's timeout nor its batch's deadline runs then. */
  setAsking: (isAsking: boolean) => void;
}
