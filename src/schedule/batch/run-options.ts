import type { AbortLike } from '../../core/abort.ts';
import type { Approver } from '../../core/approval.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { Prepare } from '../../core/plan.ts';
import type { CallRecorder } from '../call-recorder.ts';
import type { Send } from '../call/send.ts';

/** How a batch is run. */
export interface RunOptions {
  send: Send;
  /** Fills the references of open calls; needed where the plan has any. */
  prepare?: Prepare;
  /** Milliseconds of the clock from which the batch's times and its deadline count; absent: now. */
  acceptedMs?: number;
  /** The client's cancellation. */
  signal?: AbortLike;
  /** How long the batch may go on after its deadline, asked when that has come; 0: it ends then. Absent: it ends then. */
  backgroundMs?: () => number;
  recorder?: CallRecorder;
  /** Asks a person about the calls that need approval. Absent: there is nobody, and none of them runs. */
  approver?: Approver;
  /** Called as each call ends, in the order in which they end. */
  onSettled?: (index: number, outcome: Outcome) => void;
}
