import type { Clock } from '../../core/clock.ts';
import type { CallError, LateEnd, Outcome } from '../../core/outcome.ts';
import type { Plan } from '../../core/plan.ts';
import { cancelGraceMs } from '../call/admission.ts';
import { startPatientTimer, type PatientTimer } from '../call/patient-timer.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { tell } from '../slots/ready-queue.ts';
import type { Approvals } from './approval/approvals.ts';
import { BatchCourse } from './batch-course.ts';
import { passLead, type BatchEntry } from './batch-entry.ts';
import type { BatchHandle } from './batch-handle.ts';
import { outcomeSoFar } from './outcome-so-far.ts';
import type { RunOptions } from './run-options.ts';

interface Edge extends RunOptions {
  clock: Clock;
  dispatcher: Dispatcher;
  /** Counts what happens in the process: arrivals, and what clients were told. */
  next: () => number;
}

/** As its scheduler sees it. */
export interface StartedBatch extends BatchHandle {
  /** Calls that have not started; elements count as they become known. */
  unstarted(): number;
  /** Its calls that wait for a person. */
  approvals: Pick<Approvals, 'heldBack' | 'dismiss'>;
}

/** Runs a plan. The reply leaves by the plan's deadline, or by the end of the grace after a cancellation, whatever the upstreams do. */
export function startBatch(plan: Plan, edge: Edge): StartedBatch {
  return new BatchRun(plan, edge);
}

/** One batch from its first call to its last outcome, and what is learnt after that. */
class BatchRun implements StartedBatch {
  readonly reply: Promise<readonly Outcome[]>;
  readonly ended: Promise<readonly Outcome[]>;
  private resolveReply!: (outcomes: readonly Outcome[]) => void;
  private resolveEnded!: (outcomes: readonly Outcome[]) => void;
  private readonly edge: Edge;
  private readonly course: BatchCourse;
  private readonly lateEnds: LateEnd[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly graces = new Set<() => void>();
  private deadline: PatientTimer | undefined;
  private isInBackground = false;

  constructor(plan: Plan, edge: Edge) {
    this.edge = edge;
    const { clock, dispatcher, send, prepare, recorder, approver, acceptedMs = clock.now() } = edge;
    this.reply = new Promise((resolve) => (this.resolveReply = resolve));
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
    this.course = new BatchCourse(plan, {
      clock,
      dispatcher,
      send,
      prepare,
      recorder,
      approver,
      acceptedMs,
      age: edge.next(),
      leftMs: () => this.leftMs(),
      on: {
        ended: (entry) => this.noteEnd(entry),
        asking: (isAsking) => this.noteAsking(isAsking),
        late: (end) => {
          this.lateEnds.push(end);
          this.changed();
        },
      },
    });
    this.begin(plan);
  }

  outcomes(): readonly Outcome[] {
    const { entries, outcomes, unsettled } = this.course;
    if (unsettled === 0) return outcomes;
    const nowMs = this.course.elapsedMs();
    return entries.filter(({ parent }) => parent === undefined).map((entry) => outcomeSoFar(entry, nowMs));
  }

  unstarted(): number {
    return this.course.share.unstarted;
  }

  get approvals(): Approvals {
    return this.course.approvals;
  }

  late(): readonly LateEnd[] {
    return this.lateEnds;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  reported(): void {
    tell(this.course.share, { ms: this.edge.clock.now(), order: this.edge.next() });
  }

  cancel(ids?: readonly string[]): readonly string[] {
    if (ids === undefined) {
      this.cancelAll();
      return [];
    }
    const found = ids.map((id) => this.course.entries.find((entry) => entry.id === id));
    const missing = ids.filter((_, number) => found[number] === undefined || found[number].outcome !== undefined);
    this.callOff(found.filter((entry) => entry !== undefined));
    return missing;
  }

  interrupt(): void {
    this.course.endQueue(cancelled('mcp-marshal was stopped'));
    for (const { outcome, running } of this.course.entries) {
      // What waits behind a write is not to be sent on top of it in the last moment.
      if (outcome === undefined) running?.abandon(cancelGraceMs);
    }
  }

  private begin(plan: Plan): void {
    const { edge, course } = this;
    const batch = [...course.entries];
    course.settlePlanned();
    if (course.unsettled === 0) return this.finish();
    if (edge.signal?.aborted === true) return this.cancelAll();
    const leftMs = plan.deadlineMs - course.elapsedMs();
    edge.signal?.addEventListener('abort', this.cancelAll, { once: true });
    // What is sent now could only be reported as unknown, unless somebody comes back for it.
    if (leftMs <= 0) this.reachDeadline();
    else this.deadline = startPatientTimer({ clock: edge.clock, ms: leftMs, fire: () => this.reachDeadline() });
    // Before anything waits for anything: a person reads while the rest runs.
    course.approvals.ask(batch);
    for (const entry of batch) course.advance(entry);
  }

  private noteEnd({ parent, index, outcome }: BatchEntry): void {
    if (parent === undefined) {
      hear(() => this.edge.onSettled?.(index, outcome!));
      if (this.course.unsettled === 0) this.finish();
    }
    this.changed();
  }

  /** Who has had the reply is waited for no more. */
  private noteAsking(isAsking: boolean): void {
    if (this.isInBackground) return;
    if (isAsking) this.deadline?.pause();
    else this.deadline?.resume();
  }

  private changed(): void {
    // Those that come while the others hear have nothing to hear yet.
    for (const listener of Array.from(this.listeners)) hear(listener);
  }

  private finish(): void {
    this.deadline?.clear();
    for (const clear of this.graces) clear();
    this.edge.signal?.removeEventListener('abort', this.cancelAll);
    this.resolveReply(this.course.outcomes);
    this.resolveEnded(this.course.outcomes);
  }

  private reachDeadline(): void {
    const { clock, signal, backgroundMs } = this.edge;
    const ms = backgroundMs?.() ?? 0;
    if (ms <= 0) return this.endBy('when the batch had to answer');
    signal?.removeEventListener('abort', this.cancelAll);
    this.isInBackground = true;
    const fire = (): void => this.endBy('when the time of the batch in the background was over');
    this.deadline = startPatientTimer({ clock, ms, fire });
    this.resolveReply(this.outcomes());
  }

  private endBy(when: string): void {
    this.course.endQueue({ code: 'deadline', message: `not started ${when}`, retryable: true });
    for (const { outcome, running } of this.course.entries) if (outcome === undefined) running?.stop(when);
  }

  /** For how long somebody waits for calls that have not ended. */
  private leftMs(): number {
    // Whether it may go on after its deadline is asked only then.
    if (!this.isInBackground && this.edge.backgroundMs !== undefined) return Number.POSITIVE_INFINITY;
    return this.deadline?.leftMs() ?? 0;
  }

  private readonly cancelAll = (): void => {
    this.course.endQueue(cancelled('the batch was cancelled'));
    this.endRunning(this.course.entries);
  };

  /** Cancels these calls and no other. */
  private callOff(entries: readonly BatchEntry[]): void {
    const running: BatchEntry[] = [];
    for (const entry of entries.flatMap((one) => [one, ...(one.elements ?? [])])) {
      if (entry.outcome !== undefined) continue;
      entry.isCalledOff = true;
      if (entry.parent !== undefined) entry.parent.isCalledOff = true;
      const heir = passLead(entry);
      if (entry.running !== undefined) running.push(entry);
      else if (entry.elements === undefined) this.course.end(entry, cancelled('it was cancelled'));
      if (heir !== undefined) this.course.takeLead(heir);
    }
    this.endRunning(running);
  }

  /** Reads end now, and what waits to be sent; what may change something by the end of the grace that it shares. */
  private endRunning(entries: readonly BatchEntry[]): void {
    const writes: BatchEntry[] = [];
    for (const entry of entries) {
      if (entry.outcome !== undefined || entry.running === undefined) continue;
      if (entry.call?.class === 'read' || !entry.running.isOut()) entry.running.abandon();
      else {
        entry.running.repeatNoMore();
        writes.push(entry);
      }
    }
    if (writes.length === 0 || this.course.unsettled === 0) return;
    const clear = this.edge.clock.after(cancelGraceMs, () => {
      this.graces.delete(clear);
      for (const { outcome, running } of writes) if (outcome === undefined) running?.abandon();
    });
    this.graces.add(clear);
  }
}

/**
 * What a listener gets wrong keeps no call from ending: it is thrown when all that happens now has happened, past the batch, to
 * where any mistake goes that nobody caught.
 */
function hear(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function cancelled(why: string): CallError {
  return { code: 'cancelled', message: `not started: ${why}`, retryable: true };
}
