import type { Clock } from '../../core/clock.ts';
import { settleUnsent, type CallError, type Outcome } from '../../core/outcome.ts';
import { stoppedAfter, unmetDependency, type Plan, type PlanEntry, type PlannedCall } from '../../core/plan.ts';
import { decidedOf, hasNotStarted, linkEntries, rankOf, type BatchEntry } from './batch-entry.ts';
import { fillOpenCall } from './fill-open-call.ts';
import type { RunOptions } from './run-options.ts';
import { sumUp } from './sum-up.ts';
import { takeTurns } from './take-turns.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { expectCalls, type Share } from '../ready-queue.ts';
import { startPatientTimer, type PatientTimer } from '../patient-timer.ts';
import { cancelGraceMs } from '../start-call.ts';

type Edge = RunOptions & { clock: Clock; dispatcher: Dispatcher; age: number };

/**
 * Runs a plan to its end: one outcome per call, at its index. Never rejects; resolves by the plan's deadline, or by the end of
 * the grace after a cancellation, whichever is first, whatever the upstreams do.
 */
export function runPlan(plan: Plan, edge: Edge): Promise<Outcome[]> {
  return new Promise((resolve) => new BatchRun(plan, edge, resolve).begin());
}

/** One batch from its first call to its last outcome. */
class BatchRun {
  private readonly plan: Plan;
  private readonly edge: Edge;
  private readonly resolve: (outcomes: Outcome[]) => void;
  private readonly acceptedMs: number;
  private readonly outcomes: Outcome[] = [];
  /** The calls of the batch, then the elements of `forEach` calls as they become known. */
  private readonly entries: BatchEntry[];
  private readonly share: Share;
  private readonly timers: (() => void)[] = [];
  private deadline: PatientTimer | undefined;
  private unsettled: number;
  private isOver = false;

  constructor(plan: Plan, edge: Edge, resolve: (outcomes: Outcome[]) => void) {
    this.plan = plan;
    this.edge = edge;
    this.resolve = resolve;
    this.acceptedMs = edge.acceptedMs ?? edge.clock.now();
    this.entries = linkEntries(plan.entries);
    this.unsettled = this.entries.length;
    this.share = {
      age: edge.age,
      maxParallel: plan.maxParallel,
      inFlight: 0,
      turns: 0,
      unstarted: 0,
      backlog: new Map(),
    };
    for (const { call } of this.entries) if (call !== undefined) expectCalls(this.share, call.server, 1);
  }

  begin(): void {
    const { signal, clock } = this.edge;
    const batch = [...this.entries];
    this.settlePlanned(batch, this.plan.entries);
    if (this.unsettled === 0) return;
    if (signal?.aborted === true) return this.cancel();
    // What is sent now could only be reported as unknown.
    const leftMs = this.plan.deadlineMs - this.elapsedMs();
    if (leftMs <= 0) return this.reachDeadline();
    signal?.addEventListener('abort', this.cancel, { once: true });
    this.deadline = startPatientTimer({ clock, ms: leftMs, fire: () => this.reachDeadline() });
    for (const entry of batch) this.advance(entry);
  }

  /** What had ended at planning, or when its references were filled. */
  private settlePlanned(entries: readonly BatchEntry[], planned: readonly PlanEntry[]): void {
    const nowMs = this.elapsedMs();
    for (const [index, plan] of planned.entries()) {
      const entry = entries[index]!;
      if (plan.kind === 'run' || entry.outcome !== undefined) continue;
      this.settle(entry, { ...plan.outcome, queuedMs: nowMs, startedMs: nowMs });
    }
  }

  /** Begins a call that waits for no other any more. */
  private readonly advance = takeTurns((entry: BatchEntry): void => {
    const { call } = entry;
    if (this.isOver || call === undefined || entry.isBegun || entry.outcome !== undefined) return;
    if (entry.locksAwaited > 0 || entry.endsAwaited > 0 || call.sameAs !== undefined) return;
    if (call.isOpen === true) this.prepare(entry, call);
    else this.admit(entry, call);
  });

  private prepare(entry: BatchEntry, open: PlannedCall): void {
    const prepared = fillOpenCall(open, { outcomes: this.outcomes, prepare: this.edge.prepare });
    if (prepared.kind === 'each') return this.expand(entry, prepared.entries);
    Object.assign(entry, decidedOf(prepared.kind === 'run' ? prepared.call : prepared));
    if (prepared.kind === 'run') {
      entry.call = prepared.call;
      this.admit(entry, prepared.call);
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
    for (const element of elements) this.advance(element);
    if (elements.length === 0) this.sumUp(parent);
  }

  private admit(entry: BatchEntry, call: PlannedCall): void {
    entry.isBegun = true;
    entry.withdraw = this.edge.dispatcher.admit({
      call,
      rank: rankOf(entry),
      share: this.share,
      send: this.edge.send,
      acceptedMs: this.acceptedMs,
      slots: { process: true, server: true },
      on: {
        started: (running) => (entry.running = running),
        asking: (isAsking) => (isAsking ? this.deadline?.pause() : this.deadline?.resume()),
        settled: (outcome) => this.settle(entry, outcome),
        gone: () => this.leave(entry),
      },
    });
  }

  /** Ends a call that is not sent. It stays an ordering point: who waits for it goes only when what it waited for is gone. */
  private end(entry: BatchEntry, error: CallError): void {
    entry.withdraw?.();
    this.settle(entry, settleUnsent(error, this.elapsedMs()));
    this.leaveUnsent(entry);
  }

  private settle(entry: BatchEntry, ended: Outcome): void {
    const outcome = entry.decided === undefined ? ended : { ...ended, decided: entry.decided };
    entry.outcome = outcome;
    // Nobody shall reckon with work that does not come.
    if (!entry.isBegun && entry.call !== undefined) expectCalls(this.share, entry.call.server, -1);
    if (entry.parent === undefined) this.record(entry.index, outcome);
    // What could not run from the start has kept from running what stands after it, and nothing else. What was not run for the sake
    // of another call is no failure of its own.
    const hasFailed = entry.call !== undefined && outcome.status !== 'ok' && outcome.status !== 'skipped';
    if (hasFailed && this.plan.onError === 'stop' && !this.isOver) this.endQueue(stoppedAfter(entry.id));
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

  /** Settles a `forEach` call whose elements all have. */
  private sumUp(parent: BatchEntry): void {
    const items = parent.elements!.map(({ outcome }) => outcome!);
    this.settle(parent, sumUp(items, { id: parent.id, queuedMs: this.elapsedMs() }));
    this.leaveEmpty(parent);
  }

  private record(index: number, outcome: Outcome): void {
    this.outcomes[index] = outcome;
    this.unsettled--;
    this.edge.onSettled?.(index, outcome);
    if (this.unsettled > 0) return;
    this.deadline?.clear();
    for (const clear of this.timers) clear();
    this.edge.signal?.removeEventListener('abort', this.cancel);
    this.resolve(this.outcomes);
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

  /** Nothing starts from now on: every call that has not started ends with `error`. */
  private endQueue(error: CallError): void {
    this.isOver = true;
    this.share.maxParallel = 0;
    for (const entry of this.entries) if (hasNotStarted(entry)) this.end(entry, error);
  }

  private reachDeadline(): void {
    this.endQueue({ code: 'deadline', message: 'not started when the batch had to answer', retryable: true });
    for (const entry of this.entries) if (entry.outcome === undefined) entry.running?.stop('deadline');
  }

  private readonly cancel = (): void => {
    this.endQueue({ code: 'cancelled', message: 'not started: the batch was cancelled', retryable: true });
    for (const { outcome, call, running } of this.entries) {
      if (outcome === undefined && call?.class === 'read') running?.abandon();
    }
    if (this.unsettled === 0) return;
    const abandonRest = (): void => {
      for (const { outcome, running } of this.entries) if (outcome === undefined) running?.abandon();
    };
    this.timers.push(this.edge.clock.after(cancelGraceMs, abandonRest));
  };

  private elapsedMs(): number {
    return this.edge.clock.now() - this.acceptedMs;
  }
}
