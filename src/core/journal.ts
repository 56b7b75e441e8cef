import type { Applied, ErrorCode, Outcome, Status } from './outcome.ts';
import type { JsonObject } from './json.ts';
import type { ToolClass } from './tool.ts';

/** A batch as it is accepted. */
export interface BatchHead {
  batchId: string;
  /** Whose batch it is; nobody else reads it through the protocol. */
  principal: string;
  /** How it came: `batch_call`, `batch_read`, a recipe's tool, or `call` and `batch` from a shell. */
  tool: string;
  calls: number;
}

/** A call as it is about to be sent. */
export interface CallHead {
  /** Absent: a passthrough call. */
  batchId?: string;
  /** Within its batch (`c1`, `c1[0]`); of a passthrough call its exposed name. */
  callId: string;
  principal: string;
  server: string;
  tool: string;
  class: ToolClass;
  arguments: JsonObject;
}

/** How a call ended. */
export interface CallEnd {
  outcome: Outcome;
  /** It had been settled as unknown before, and this is what was learnt since. */
  isLate?: true;
}

/** How a batch ended; written once for every batch that was accepted. */
export interface BatchEnd {
  status: 'completed' | 'cancelled' | 'interrupted';
  wallMs: number;
  /** What `report` and `trace` show: a structured reply without the results. */
  report: JsonObject;
  /** The reply that the same request under the same idempotency key gets again. */
  reply?: JsonObject;
}

/** A batch that its client has named, so that it can be sent again without being run again. */
export interface KeyedBatch extends BatchHead {
  key: string;
  /** Who shares the key: one client, over its restarts. */
  scope: string;
  /** Of all that was asked for, in canonical form. */
  digest: string;
}

/** What is known of an idempotency key. */
export type Claim =
  /** Nobody had it; it is this batch's now, on disk. */
  | { kind: 'new' }
  /** The same batch is running in this process. */
  | { kind: 'running'; batchId: string }
  /** The same batch has ended; its reply, absent where it was too large to be kept. */
  | { kind: 'finished'; batchId: string; reply?: JsonObject }
  /** A process that has gone was running it: what is known of its calls, by their ids. It is this batch's now. */
  | { kind: 'interrupted'; batchId: string; calls: ReadonlyMap<string, RecoveredCall> }
  /** Another batch has the key, or this one is running in another process. */
  | { kind: 'conflict'; batchId: string }
  /** The journal is switched off, or cannot be written: nothing can be promised of a key. Nothing was accepted. */
  | { kind: 'unrecorded'; reason: string };

/** A call of an interrupted batch. Without an outcome it was sent, and nobody knows its end. */
export interface RecoveredCall {
  class: ToolClass;
  outcome?: Outcome;
}

/** A call in the journal. */
export interface JournaledCall {
  /**
   * Resolves when the call is on disk and may be sent; with a reason where that failed. Absent where nothing is waited for, as with
   * reads. Never rejects.
   */
  written?: Promise<string | undefined>;
  /** Records how it ended, and what was learnt later. Returns at once. */
  settle(end: CallEnd): void;
}

/** What was sent, and how it ended: write-ahead for what can change something, buffered for what only reads. Nothing in here throws. */
export interface Journal {
  /**
   * Opens the file now, and ends what an earlier process left open. Without it that happens with the first thing to be recorded: who
   * sends nothing opens nothing.
   */
  start(): void;
  /** Why nothing can be recorded now; absent where it can. */
  problem(): string | undefined;
  accept(batch: BatchHead): void;
  /** Accepts a batch under an idempotency key, where nothing speaks against it. */
  claim(batch: KeyedBatch): Claim;
  begin(call: CallHead): JournaledCall;
  /**
   * Puts on disk, before it returns, how calls of a batch with a key have ended so far: those that were sent, and these, which were not.
   * Says why where that failed. Of a batch without a key nothing is kept.
   */
  keep(batchId: string, unsent: Iterable<readonly [callId: string, outcome: Outcome]>): string | undefined;
  /** Returns at once; of a batch with a key when its end is on disk, or with the reason why it is not. */
  end(batchId: string, end: BatchEnd): string | undefined;
  /** Writes what is buffered, marks what is still open as interrupted, and lets go of the file. */
  close(): Promise<void>;
}

/** A call as `log` shows it. Times are milliseconds since the epoch. */
export interface LoggedCall {
  /** Rises in the order of recording, within one file. */
  seq: number;
  batchId?: string;
  callId: string;
  principal: string;
  server: string;
  tool: string;
  class: ToolClass;
  /** SHA-256 of the arguments in canonical form. */
  argumentsDigest: string;
  /** Where the configuration wants them kept. */
  arguments?: JsonObject;
  startedAt: number;
  /** Absent while it runs. */
  endedAt?: number;
  /** `running` while the process that sent it lives; `interrupted` where that has gone without recording an end. */
  status: Status | 'running' | 'interrupted';
  applied: Applied;
  code?: ErrorCode;
  message?: string;
  attempts: number;
  runMs?: number;
  isLate?: true;
}

/** A batch as `report` and `trace` read it. */
export interface LoggedBatch extends BatchHead {
  acceptedAt: number;
  endedAt?: number;
  status: BatchEnd['status'] | 'running';
  wallMs?: number;
  /** Absent where it did not end in its own process: its calls tell the rest. */
  report?: JsonObject;
}
