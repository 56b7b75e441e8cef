import type { Clock } from '../../core/clock.ts';
import { settleUnsent, type CallError, type LateEnd, type Outcome } from '../../core/outcome.ts';
import { stoppedAfter, unmetDependency, type Plan, type PlanEntry, type PlannedCall } from '../../core/plan.ts';
import { isUnlearnt } from '../call/call-end.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { expectCalls, newShare, type Share } from '../slots/ready-queue.ts';
import { Approvals } from './approval/approvals.ts';
import { decidedOf, hasNotStarted, linkEntries, rankOf, type BatchEntry } from './batch-entry.ts';
import { fillOpenCall } from './fill-open-call.ts';
import type { RunOptions } from './run-options.ts';
import { sumUp } from './sum-up.ts';
import { takeTurns } from './take-turns.ts';

/** What a course runs in, and who hears of it. */
export interface CourseEdge extends Pick<RunOptions, 'send'> {
  clock: Clock;
  approver: RunOptions['approver'] | undefined;
  prepare: RunOptions['prepare'] | undefined;
  recorder: RunOptions['recorder'] | undefined;
  dispatcher: Dispatcher;
  /** Order of arrival in the process. */
  age: number;
  acceptedMs: number;
  leftMs(): number;
  on: {
    /** A call, or an element of one, has ended. */
    ended(entry: BatchEntry): void;
    asking(isAsking: boolean): void;
    late(end: LateEnd): void;
  };
}

/** The calls of one batch on their way: who waits for whom, and what the end of one means to the others. */
export class BatchCourse {
  readonly outcomes: Outcome[] = [];
  /** The calls of the batch, then the elements of `forEach` calls as they become known. */
  readonly entries: BatchEntry[];
  readonly share: Share;
  readonly approvals: Approvals;
  /** Calls that have not ended; elements do not count. */
  unsettled: number;
  private readonly plan: Plan;
  private readonly edge: CourseEdge;
  private isOver = false;
  private overWith: CallError | undefined;

  constructor(plan: Plan, edge: CourseEdge) {
    this.plan = plan;
    this.edge = edge;
    this.entries = linkEntries(plan.entries);
    this.unsettled = this.entries.length;
    this.share = newShare(edge.age, plan.maxParallel);
    for (const { call } of this.entries) if (call !== undefined) expectCalls(this.share, call.server, 1);
    this.approvals = new Approvals({
      clock: edge.clock,
      approver: edge.approver,
      entries: this.entries,
      on: {
        approved: (entry) => this.advance(entry),
        refused: (entry, error) => this.end(entry, error),
      },
    });
  }

  /** Settles what had ended at planning, or when its references were filled. */
  settlePlanned(
    entries: readonly BatchEntry[] = this.entries,
    planned: readonly PlanEntry[] = this.plan.entries,
  ): void {
    const nowMs = this.elapsedMs();
    for (const [index, plan] of planned.entries()) {
      const entry = entries[index]!;
      if (plan.kind === 'run' || entry.outcome !== undefined) continue;
      this.markInterrupted(plan);
      this.settle(entry, { ...plan.outcome, queuedMs: nowMs, startedMs: nowMs });
    }
  }

  /** Begins a call that waits for no other any more. */
  readonly advance = takeTurns((entry: BatchEntry): void => {
    const { call } = entry;
    if (this.isOver || call === undefined || entry.isBegun || entry.outcome !== undefined) return;
    if (entry.locksAwaited > 0 || entry.endsAwaited > 0 || call.sameAs !== undefined) return;
    if (call.isOpen === true) this.prepare(entry, call);
    else this.go(entry, call);
  });

  /** Nothing starts from now on: every call that has not started ends with `error`. */
  endQueue(error: CallError): void {
    this.isOver = true;
    this.overWith = error;
    for (const entry of this.entries) if (hasNotStarted(entry)) this.end(entry, error);
  }

  /** Ends a call that is not sent. It stays an ordering point: who waits for it goes only when what it waited for is gone. */
  end(entry: BatchEntry, error: CallError): void {
    entry.withdraw?.();
    this.settle(entry, settleUnsent(error, this.elapsedMs()));
    this.leaveUnsent(entry);
  }

  /** Goes in place of its leader, unless nothing starts any more. */
  takeLead(heir: BatchEntry): void {
    // The end of its leader may have brought the batch to its end, and this one with it.
    if (heir.outcome !== undefined) return;
    if (this.overWith !== undefined) return this.end(heir, this.overWith);
    this.approvals.gather(heir);
    this.advance(heir);
  }

  elapsedMs(): number {
    return this.edge.clock.now() - this.edge.acceptedMs;
  }

  /** A write of a process that is gone, whose end nobody knows. */
  private markInterrupted(plan: Extract<PlanEntry, { kind: 'settled' }>): void {
    const { id, tool, server, locks, outcome } = plan;
    if (server === undefined || locks === undefined || !isUnlearnt(outcome)) return;
    const told = {};
    this.share.untold.push(told);
    const { age } = this.share;
    this.edge.dispatcher.interrupted({ call: { id, server, exposedName: tool, locks }, age, told });
  }

  private prepare(entry: BatchEntry, open: PlannedCall): void {
    const prepared = fillOpenCall(open, { outcomes: this.outcomes, prepare: this.edge.prepare });
    if (prepared.kind === 'each') return this.expand(entry, prepared.entries);
    Object.assign(entry, decidedOf(prepared.kind === 'run' ? prepared.call : prepared));
    if (prepared.kind === 'run') {
      entry.call = prepared.call;
      this.approvals.changed();
      this.go(entry, prepared.call);
    } else this.end(entry, prepared.outcome.error!);
  }

  /** Runs one call per element in place of the `forEach` call. */
  private expand(parent: BatchEntry, planned: readonly PlanEntry[]): void {
    const elements = linkEntries(planned, parent);
    const presentElements = elements.filter(({ isGone }) => !isGone).length;
    Object.assign(parent, { elements, isBegun: true, unsettledElements: elements.length, presentElements });
    this.entries.push(...elements);
    expectCalls(this.share, parent.call!.server, -1);
    for (const { call } of elements) if (call !== undefined) expectCalls(this.share, call.server, 1);
    this.settlePlanned(elements, planned);
    this.approvals.changed();
    for (const element of elements) this.approvals.gather(element);
    for (const element of elements) this.advance(element);
    if (elements.length === 0) this.sumUp(parent);
  }

  private go(entry: BatchEntry, call: PlannedCall): void {
    if (call.approval === undefined || this.approvals.admits(entry, call)) this.admit(entry, call);
  }

  private admit(entry: BatchEntry, call: PlannedCall): void {
    const { send, recorder, acceptedMs, leftMs, on, dispatcher } = this.edge;
    entry.isBegun = true;
    entry.withdraw = dispatcher.admit({
      call,
      rank: rankOf(entry),
      share: this.share,
      send,
      recorder,
      owner: this.plan.owner,
      acceptedMs,
      leftMs,
      slots: { process: true, server: true },
      on: {
        started: (running) => (entry.running = running),
        asking: on.asking,
        settled: (outcome) => this.settle(entry, outcome),
        gone: () => this.leave(entry),
        late: on.late,
      },
    });
  }

  private settle(entry: BatchEntry, ended: Outcome): void {
    const outcome = entry.decided === undefined ? ended : { ...ended, decided: entry.decided };
    entry.outcome = outcome;
    // Nobody shall reckon with work that does not come.
    if (!entry.isBegun && entry.call !== undefined) expectCalls(this.share, entry.call.server, -1);
    if (entry.parent === undefined) {
      this.outcomes[entry.index] = outcome;
      this.unsettled--;
    }
    this.approvals.ended(entry);
    this.edge.on.ended(entry);
    if (this.stopsAt(entry, outcome)) this.endQueue(stoppedAfter(entry.id));
    for (const { entry: dependent, when } of entry.dependents) {
      dependent.endsAwaited--;
      const unmet = unmetDependency(when, { id: entry.id, status: outcome.status });
      // When all is over, what has not started ends for that reason.
      if (dependent.outcome !== undefined || this.isOver) continue;
      if (unmet !== undefined) this.end(dependent, unmet);
      else this.advance(dependent);
    }
    for (const follower of entry.followers) {
      if (follower.outcome !== undefined) continue;
      const wasAnswered = ended.attempts > 0 || ended.cached === true;
      this.settle(follower, { ...ended, attempts: 0, ...(wasAnswered && { deduplicatedOf: entry.id }) });
      this.leaveUnsent(follower);
    }
    if (entry.parent !== undefined && --entry.parent.unsettledElements === 0) this.sumUp(entry.parent);
  }

  /**
   * What could not run from the start has kept from running what stands after it, and nothing else. What was not run for the sake of
   * another call is no failure of its own.
   */
  private stopsAt({ call, isCalledOff }: BatchEntry, { status }: Outcome): boolean {
    const hasFailed = call !== undefined && status !== 'ok' && status !== 'skipped' && !isCalledOff;
    return hasFailed && this.plan.onError === 'stop' && !this.isOver;
  }

  /** Settles a `forEach` call whose elements all have. */
  private sumUp(parent: BatchEntry): void {
    const items = parent.elements!.map(({ outcome }) => outcome!);
    this.settle(parent, sumUp(items, { id: parent.id, queuedMs: this.elapsedMs() }));
    this.leaveEmpty(parent);
  }

  /** The call can take effect no more: its successors need not wait for it. */
  private leave(entry: BatchEntry): void {
    if (entry.isGone) return;
    entry.isGone = true;
    for (const successor of entry.successors) {
      successor.locksAwaited--;
      if (successor.outcome === undefined) this.advance(successor);
      else this.leaveUnsent(successor);
    }
    if (entry.parent === undefined) return;
    entry.parent.presentElements--;
    this.leaveEmpty(entry.parent);
  }

  private leaveUnsent(entry: BatchEntry): void {
    if (entry.running === undefined && entry.locksAwaited === 0) this.leave(entry);
  }

  private leaveEmpty(parent: BatchEntry): void {
    if (parent.outcome !== undefined && parent.presentElements === 0) this.leave(parent);
  }
}
