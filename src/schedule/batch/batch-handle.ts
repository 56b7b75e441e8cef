import type { LateEnd, Outcome } from '../../core/outcome.ts';

/** A batch that runs. */
export interface BatchHandle {
  /**
   * Resolves when every call has ended, or at the deadline: from then on the batch goes on by itself where it may, and what has not ended
   * is `pending`. One outcome per call, at its index. Never rejects.
   */
  reply: Promise<readonly Outcome[]>;
  /** Resolves when every call has ended, at the end of the background time at the latest. Never rejects. */
  ended: Promise<readonly Outcome[]>;
  /** As it stands now: what has not ended is `pending`, with what is known of its effect. */
  outcomes(): readonly Outcome[];
  /** What was learnt since of calls that had been settled with an unknown effect, in that order. */
  late(): readonly LateEnd[];
  /** Calls `listener` as each call ends and as something is learnt late. Returns what ends that. */
  onChange(listener: () => void): () => void;
  /** Cancels calls that have not ended: all of them, or those with these ids. Returns the ids among them that had ended, or name no call. */
  cancel(ids?: readonly string[]): readonly string[];
  /** Ends every call that has not ended, at once: the process stops, and nobody goes on with them. */
  interrupt(): void;
  /** The client has been told of everything that has ended so far: writes that come from now on know of unknown effects. */
  reported(): void;
}
