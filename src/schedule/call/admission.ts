import type { LateEnd, Outcome } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { CallRecorder } from '../call-recorder.ts';
import type { Share } from '../slots/ready-queue.ts';
import type { Send } from './send.ts';

/** A call whose predecessors have finished, on its way through locks and slots. */
export interface Admission {
  call: PlannedCall;
  share: Share;
  /** Its place in the batch: what goes first among equals. Elements stand between their call and the next. */
  rank: number;
  send: Send;
  recorder?: CallRecorder | undefined;
  /** The principal on whose behalf it is made. */
  owner?: string | undefined;
  acceptedMs: number;
  /** For how long somebody will wait for it; infinity where nothing limits that. Asked when it might be sent again. */
  leftMs(): number;
  /** Whether the call takes a slot of its batch and of the process, and one of its server. */
  slots: { process: boolean; server: boolean };
  /** None of them is called before `admit` has returned, but for `started` of a call that takes no slots. */
  on: {
    /** Not called for a call that ends without being sent: nothing of it is ever in flight. */
    started(running: RunningCall): void;
    /** Whether a question of the call's server is with the client. */
    asking?(isAsking: boolean): void;
    settled(outcome: Outcome): void;
    /** The call's locks are free: its successors may be admitted. */
    gone(): void;
    /** What was learnt of it after it had been settled with an unknown effect; at most once. */
    late?(end: LateEnd): void;
  };
}

/** What is cancelled and may change something has this long to end: the running writes of a batch share it (scheduling.md §4.4). */
export const cancelGraceMs = 2_000;

/** A call that has been sent, until its outcome is known. */
export interface RunningCall {
  /**
   * Ends the call for its batch now. A read is cancelled upstream. A write is not, since a cancelled write is finished by most
   * servers and its answer lost: it keeps its locks and its server slot until it answers or 30 s pass. `when` completes `still running`.
   */
  stop(when: string): void;
  /**
   * Cancels the call upstream, without waiting for an answer. A write keeps its locks for `keepLocksMs` all the same: most servers
   * finish a cancelled write and say nothing.
   */
  abandon(keepLocksMs?: number): void;
  /** It is not sent again, whatever its end. */
  repeatNoMore(): void;
  /** Whether it is with its server now, and does not wait to be sent, for the first time or again. */
  isOut(): boolean;
  /** The call as it stands now, `pending`. */
  pending(): Outcome;
}
