import type { AbortLike } from './abort.ts';
import type { CallError } from './outcome.ts';
import type { PlannedCall } from './plan.ts';

/** What became of the question about one call: a person said yes, or why it does not run. */
export type Approval = { ok: true } | { ok: false; error: CallError };

/** Asks a person about the calls of one batch, or about a call by itself. */
export interface Approver {
  /**
   * One question about all of these calls. Resolves with one approval for each, at its place; never rejects. Whatever is not an
   * explicit yes is a no (reliability.md §4). Aborting `signal` withdraws the question. `answered`: told of each call's approval as
   * soon as it is there, before those of the others are.
   */
  ask(
    calls: readonly PlannedCall[],
    signal: AbortLike,
    answered?: (call: PlannedCall, approval: Approval) => void,
  ): Promise<readonly Approval[]>;
  /**
   * Whether a yes holds for this call as it would be sent now: neither used up nor expired, and given for the same server, tool,
   * definition and arguments. Looked at right before the call is admitted; where it does not hold, the call is asked about again.
   */
  holds(call: PlannedCall): boolean;
  /** A call that was asked about has ended: a yes to it that was not used is none any more, whenever it comes. */
  ended?(call: PlannedCall): void;
}

/** How far a yes may be remembered, from not at all to the loosest. A tool that has changed is always asked about again. */
export const remembrances = ['none', 'arguments', 'session'] as const;
export type Remembrance = (typeof remembrances)[number];

/** A call as a person is asked about it. */
export interface ApprovalSubject {
  server: string;
  exposedName: string;
  /** Resolved: nothing in them stands for something else. */
  arguments: PlannedCall['arguments'];
  /** The fields that the tool's schema knows, the required ones first: those of the arguments that a person has to see. */
  knownFields?: readonly string[];
  class: PlannedCall['class'];
  /** Why it needs approval. */
  reason: string;
  /** Of the server and how it is reached, the tool, its definition and the arguments (SHA-256, hexadecimal): what a yes is bound to. */
  digest: string;
  /** The same without the arguments: what a yes for the session is bound to. */
  toolDigest: string;
  /** What policy allows to be remembered. */
  remember: Remembrance;
}

/** Who asks. */
export interface ApprovalOwner {
  /** Nobody's yes counts for another. */
  principal: string;
  /** Of its sessions, the one that asks: whose a yes for the session is. Absent: it has one. */
  session?: string;
  /** Who it is over its restarts: whose yes for an hour counts again. */
  keyScope: string;
}

/** A question that waits in the queue for somebody at another terminal. */
export interface QueuedQuestion {
  /** By which it is answered: short, and never used twice while the process lives. Another one as soon as it is asked once more. */
  readonly id: string;
  /**
   * Resolves with the answer; with `expired` when nobody has answered in time. Never rejects. The desk has noted a yes by then, for
   * `use`: it is not given again with `approve`. It is good for one call, unless it is remembered: where several wait for the answer to
   * the same call, the one that has waited longest gets it, and the others are asked about once more.
   */
  answer: Promise<'yes' | 'no' | 'expired'>;
  /** Takes it out of the queue, unless another waits for the same. */
  withdraw(): void;
  /** Nobody waits for the answer any more, but it stays in the queue: a yes is for the same call, sent again. */
  leave(): void;
}

/** Where every yes of the process is kept, and every open question. */
export interface ApprovalDesk {
  /** Whether there is a yes for it, given for this one call or remembered as policy still allows, that has not expired. */
  isApproved(owner: ApprovalOwner, subject: ApprovalSubject): boolean;
  /** The call is about to be sent: a yes that was given for one call is used up. `false`: there is none any more. */
  use(owner: ApprovalOwner, subject: ApprovalSubject): boolean;
  /** The call that a yes was given for has ended without it: what was given for one call is taken back. */
  takeBack(owner: ApprovalOwner, subject: ApprovalSubject): void;
  /** A person has said yes. More than policy allows is never remembered. */
  approve(owner: ApprovalOwner, subject: ApprovalSubject, remember?: Remembrance): void;
  /** A person has said no, through the client: recorded, and nothing else. */
  decline(owner: ApprovalOwner, subject: ApprovalSubject): void;
  /**
   * Puts a question into the queue, for `mcp-marshal approvals`. Nothing where the queue is switched off or full. The same call
   * of the same owner stands in it once.
   */
  enqueue(
    owner: ApprovalOwner,
    subject: ApprovalSubject,
    from: { batchId?: string; callId: string; isKeyed?: boolean },
  ): QueuedQuestion | undefined;
  /** Whether there is a queue to put questions into; `enqueue` finds no room in one that is full. */
  hasQueue(): boolean;
  /** Whether somebody watches the queue now, so that it is worth waiting for an answer. */
  isWatched(): boolean;
  /** Calls `listener` when nobody watches the queue any more, so that it is not worth waiting. Returns what ends that. */
  onUnwatched(listener: () => void): () => void;
  /** Ends every question, and whatever others see of the queue. */
  close(): Promise<void>;
}
