import type { Approver } from '../../../core/approval.ts';
import type { Clock } from '../../../core/clock.ts';
import type { CallError } from '../../../core/outcome.ts';
import type { PlannedCall } from '../../../core/plan.ts';
import { goneServer } from '../../call/end-unsent.ts';
import type { BatchEntry } from '../batch-entry.ts';
import { findHeldBack, mayBecomeKnown } from './find-held-back.ts';
import { Question } from './question.ts';

/** A person shall see one question instead of ten, and the first of the calls shall not wait long for that. */
const longestGatherMs = 10_000;
/** A call whose yes never holds when it could go must not ask for ever. */
const mostAgain = 3;

/** What the calls of a batch wait in for a person's yes, and what follows from the answer. */
export interface ApprovalEdge {
  clock: Clock;
  /** Absent: there is nobody to ask. */
  approver: Approver | undefined;
  /** The calls of the batch, then elements, as they stand now. */
  entries: readonly BatchEntry[];
  on: {
    /** It may go on when its turn comes. */
    approved(entry: BatchEntry): void;
    refused(entry: BatchEntry, error: CallError): void;
  };
}

/** The calls of a batch that a person has to say yes to: gathered, asked about, approved. None of them holds a lock or a slot. */
export class Approvals {
  private readonly edge: ApprovalEdge;
  private gathered: BatchEntry[] = [];
  private readonly questions = new Map<BatchEntry, Question>();
  private clearTimer: (() => void) | undefined;
  private willLook = false;
  /** Until something changes. */
  private heldBackCount: number | undefined;

  constructor(edge: ApprovalEdge) {
    this.edge = edge;
  }

  /** Asks about all of these that need it, at once, in one question. */
  ask(entries: readonly BatchEntry[]): void {
    for (const entry of entries) this.gather(entry);
    this.putGathered();
  }

  /** Its arguments have become known: it is asked about with the next question, where it needs that. */
  gather(entry: BatchEntry): void {
    const { call, outcome } = entry;
    if (call?.approval === undefined || call.isOpen === true || call.sameAs !== undefined) return;
    if (outcome !== undefined) return;
    entry.approval = { state: 'gathered', rounds: 0 };
    this.gathered.push(entry);
    this.changed();
  }

  /** Whether the call may be sent now, as far as people decide. Looked at once, when nothing else is in its way: that may use the yes up. */
  admits(entry: BatchEntry, call: PlannedCall): boolean {
    const { approval } = entry;
    if (approval === undefined) this.gather(entry);
    if (approval?.state !== 'given') return false;
    if (this.holds(call)) return true;
    if (approval.rounds > mostAgain) this.edge.on.refused(entry, neverHeld(call, approval.rounds));
    else this.put([entry]);
    return false;
  }

  /** A call has been prepared, so that there may be nothing left to wait for with the next question. */
  changed(): void {
    this.heldBackCount = undefined;
    if (this.willLook || this.gathered.length === 0) return;
    this.willLook = true;
    // What becomes known at the same moment is asked about together.
    queueMicrotask(() => {
      this.willLook = false;
      this.look();
    });
  }

  ended(entry: BatchEntry): void {
    if (entry.approval !== undefined) {
      if (entry.approval.state === 'gathered') this.gathered.splice(this.gathered.indexOf(entry), 1);
      this.questions.get(entry)?.ended(entry.call!);
      this.questions.delete(entry);
      this.edge.approver?.ended?.(entry.call!);
      if (this.gathered.length === 0) this.clear();
    }
    this.changed();
  }

  /** Calls that have not started, and cannot before a person has answered; elements instead of the call that they are of. */
  heldBack(): number {
    if (this.gathered.length + this.questions.size === 0) return 0;
    this.heldBackCount ??= [...findHeldBack(this.edge.entries)].filter((entry) => entry.elements === undefined).length;
    return this.heldBackCount;
  }

  /** Ends the calls that wait for an answer and whose server is gone: nobody needs to think about them any more. */
  dismiss(isKnown: (server: string) => boolean): void {
    for (const entry of [...this.gathered, ...this.questions.keys()]) {
      // The end of one may have ended the others.
      if (entry.outcome !== undefined || isKnown(entry.call!.server)) continue;
      this.edge.on.refused(entry, goneServer(entry.call!));
    }
  }

  private look(): void {
    if (this.gathered.length === 0) return;
    if (!mayBecomeKnown(this.edge.entries)) return this.putGathered();
    this.clearTimer ??= this.edge.clock.after(longestGatherMs, () => this.putGathered());
  }

  private putGathered(): void {
    this.clear();
    const round = this.gathered;
    this.gathered = [];
    if (round.length > 0) this.put(round);
  }

  private put(round: readonly BatchEntry[]): void {
    const { approver, on } = this.edge;
    const byCall = new Map(round.map((entry) => [entry.call!, entry]));
    const question = new Question([...byCall.keys()]);
    for (const entry of round) {
      entry.approval = { state: 'asked', rounds: entry.approval!.rounds + 1 };
      this.questions.set(entry, question);
    }
    this.changed();
    if (approver === undefined) {
      // The end of one may end the others.
      for (const entry of round) if (entry.outcome === undefined) on.refused(entry, nobodyToAsk(entry.call!));
      return;
    }
    void question.put(approver, (call, approval) => {
      const entry = byCall.get(call)!;
      this.questions.delete(entry);
      this.changed();
      if (!approval.ok) return on.refused(entry, approval.error);
      entry.approval!.state = 'given';
      on.approved(entry);
    });
  }

  private holds(call: PlannedCall): boolean {
    try {
      return this.edge.approver?.holds(call) === true;
    } catch {
      return false;
    }
  }

  private clear(): void {
    this.clearTimer?.();
    this.clearTimer = undefined;
  }
}

function nobodyToAsk({ approval }: PlannedCall): CallError {
  const { reason, mend } = approval!;
  const way = mend === undefined ? '' : `; for it to run unasked, the user can ${mend}`;
  const message = `not run: it needs approval: ${reason}, and nobody can be asked${way}`;
  return { code: 'approval_unavailable', message, retryable: false };
}

function neverHeld({ exposedName }: PlannedCall, rounds: number): CallError {
  const message = `not run: ${exposedName} was approved ${rounds} times, and no approval held when it could be sent: the tool or the arguments kept changing, or the approvals had expired`;
  return { code: 'approval_unavailable', message, retryable: true };
}
