import type { LoggedBatch, LoggedCall } from '../../core/journal.ts';

/** Which calls of the journal; what is absent lets all pass. */
export interface CallFilter {
  batchId?: string;
  server?: string;
  /** Started at this moment or later, in milliseconds since the epoch. */
  since?: number;
  /** Asked of every call that passes the rest. */
  where?: (call: LoggedCall) => boolean;
}

/** The journal files of one state folder, whoever writes them. What cannot be read is passed over and named in `problems`. */
export interface JournalReader {
  /** Where it looked: the folder, or the one file. */
  place: string;
  /** Whether there is any journal. */
  isThere: boolean;
  /** What could not be read and why, one line for each file. */
  problems(): readonly string[];
  /** The newest `limit` calls that pass, in the order in which they started. */
  calls(filter: CallFilter & { limit: number }): readonly LoggedCall[];
  /** The newest `limit` batches, the newest first; with `idPrefix` those whose ids begin so. */
  batches(filter: { idPrefix?: string; since?: number; limit: number }): readonly LoggedBatch[];
  /** Its calls in the order in which they started. */
  callsOf(batchId: string): readonly LoggedCall[];
  /** Gives calls as they are recorded from now on, and again as their ends are, until aborted. */
  follow(filter: CallFilter, onCalls: (calls: readonly LoggedCall[]) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}
