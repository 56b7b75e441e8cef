import type { CallError, LateEnd, Outcome } from '../core/outcome.ts';
import type { PlannedCall } from '../core/plan.ts';

/** Hears of every call that is sent, elements of `forEach` calls included. Nothing in here throws or rejects. */
export interface CallRecorder {
  /**
   * A call is about to be sent for the first time. Where a promise comes back, the call waits for it, under its locks and in its slots,
   * as it would for a connection; where that holds an error, the call ends with it, unsent.
   */
  sending(call: PlannedCall): Promise<CallError | undefined> | undefined;
  /** A call that `sending` was told of is about to be sent once more; the same comes of what it returns. */
  sendingAgain?(call: PlannedCall): Promise<CallError | undefined> | undefined;
  /** Of a call that `sending` was told of, once. */
  settled(call: PlannedCall, outcome: Outcome): void;
  /** What was learnt of a call after it had been settled with an unknown effect; at most once. */
  late(call: PlannedCall, end: LateEnd): void;
}
