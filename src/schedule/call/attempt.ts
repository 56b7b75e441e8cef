import { Aborter } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import type { CallError, SendResult } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { HeldSlots } from '../slots/slot-book.ts';
import { brokenSend } from './call-end.ts';
import { startPatientTimer, type PatientTimer } from './patient-timer.ts';
import type { Send, Underway } from './send.ts';

/** A read that got no answer keeps its server slot this long: a server that does not answer is not given more. */
const unansweredReadMs = 5_000;
/** A write that outlived its timeout is waited for this long before it is cancelled (scheduling.md §4.3). */
const lateWriteMs = 30_000;

/** Who hears of an attempt. `over` and `vacated` come once each, after everything else; nothing comes before `start` has returned. */
export interface AttemptEvents {
  answered(answer: SendResult, attempt: Attempt): void;
  /** Its time is over without an answer. It still runs: `stop` or `abandon` it. */
  timedOut(attempt: Attempt): void;
  /** A question of its server goes to the client, and its answer has come or is not waited for any more. */
  asking(isAsking: boolean): void;
  /** Nothing of it can take effect any more, as far as waiting can tell. */
  over(attempt: Attempt): void;
  /** The server is done with it. */
  vacated(attempt: Attempt): void;
}

/** One sending of a call. */
export class Attempt implements Underway {
  readonly slots: HeldSlots;
  /** From when it runs: from the moment in which it could be sent. */
  sentMs: number;
  /** Nothing has left yet. */
  isWaiting = false;
  private readonly call: PlannedCall;
  private readonly clock: Clock;
  private readonly on: AttemptEvents;
  private readonly aborter = new Aborter();
  private phase: 'running' | 'late' | 'over' = 'running';
  private isAsking = false;
  private hasEnded = false;
  private timeout: PatientTimer | undefined;
  private clearTimer: (() => void) | undefined;

  constructor(call: PlannedCall, { clock, slots, on }: { clock: Clock; slots: HeldSlots; on: AttemptEvents }) {
    this.call = call;
    this.clock = clock;
    this.slots = slots;
    this.on = on;
    this.sentMs = clock.now();
  }

  /** Sends the call, at once or once `permit` has come: with an error it ends there, unsent. */
  start(send: Send, permit?: Promise<CallError | undefined>): void {
    if (permit === undefined) {
      this.startTimeout();
      return this.send(send);
    }
    this.isWaiting = true;
    void permit.then((error) => {
      if (this.phase !== 'running') return;
      if (error !== undefined) return this.answered({ ok: false, sent: false, error });
      this.setWaiting(false);
      this.send(send);
    });
  }

  /**
   * Nobody waits for its answer any more. A read is cancelled upstream. A write is not, since a cancelled write is finished by most
   * servers and its answer lost: it may still answer, until 30 s have passed.
   */
  stop(): void {
    if (this.phase !== 'running') return;
    this.endRunning('late');
    // Nothing has left yet, and nothing shall once the result says so.
    if (this.isWaiting) return this.letGo();
    const isRead = this.call.class === 'read';
    this.clearTimer = this.clock.after(isRead ? unansweredReadMs : lateWriteMs, () => this.letGo());
    if (!isRead) return;
    this.aborter.abort();
    this.end();
  }

  /**
   * Cancels it upstream, without waiting for an answer. A write is over only after `keepMs` all the same: most servers finish a
   * cancelled write and say nothing.
   */
  abandon(keepMs: number): void {
    if (this.phase === 'over') return;
    this.endRunning('over');
    if (this.call.class === 'read' || this.isWaiting || keepMs === 0) return this.letGo();
    this.aborter.abort();
    this.on.vacated(this);
    this.clock.after(keepMs, () => this.end());
  }

  readonly setWaiting = (isWaiting: boolean): void => {
    if (isWaiting === this.isWaiting || this.phase !== 'running') return;
    this.isWaiting = isWaiting;
    // A call runs from the moment in which it can be sent: what passes before is waiting, and counts against no timeout.
    this.sentMs = this.clock.now();
    this.timeout?.clear();
    if (!isWaiting) this.startTimeout();
  };

  readonly setAsking = (isAsking: boolean): void => {
    if (isAsking === this.isAsking || this.phase !== 'running') return;
    this.isAsking = isAsking;
    if (isAsking) this.timeout?.pause();
    else this.timeout?.resume();
    this.on.asking(isAsking);
  };

  private startTimeout(): void {
    const { timeoutMs } = this.call;
    if (timeoutMs === undefined) return;
    this.timeout = startPatientTimer({ clock: this.clock, ms: timeoutMs, fire: () => this.on.timedOut(this) });
    if (this.isAsking) this.timeout.pause();
  }

  private send(send: Send): void {
    const failed = (): void => this.answered(brokenSend(this.call));
    try {
      send(this.call, this.aborter, this).then((answer) => this.answered(answer), failed);
    } catch {
      // Nobody knows of this attempt before it has started.
      queueMicrotask(failed);
    }
  }

  private answered(answer: SendResult): void {
    if (this.phase === 'over') return;
    // A read that was cancelled after its timeout settles here at once; that is our own word, not the server's.
    if (this.phase === 'late' && this.call.class === 'read' && !answer.ok && answer.error.code === 'cancelled') return;
    this.endRunning('over');
    this.on.answered(answer, this);
    this.finish();
  }

  private endRunning(phase: 'late' | 'over'): void {
    if (this.phase === 'running') this.setAsking(false);
    this.phase = phase;
    this.timeout?.clear();
    this.clearTimer?.();
  }

  private letGo(): void {
    this.aborter.abort();
    this.finish();
  }

  private finish(): void {
    this.phase = 'over';
    this.clearTimer?.();
    this.end();
    this.on.vacated(this);
  }

  private end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.on.over(this);
  }
}
