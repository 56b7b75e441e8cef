import type { Clock } from '../../core/clock.ts';
import type { Outcome, SendResult } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';
import type { Told, UnknownKeys } from '../locks/unknown-keys.ts';
import type { HeldSlots } from '../slots/slot-book.ts';
import type { Admission, RunningCall } from './admission.ts';
import { Attempt, type AttemptEvents } from './attempt.ts';
import { endOf, endWithout, type CallEnd } from './call-end.ts';
import { decideRetry, type Failure } from './decide-retry.ts';

/** The parts of a call's end. `settled` comes once and first, `unlocked` once. */
export interface RunEvents {
  asking(isAsking: boolean): void;
  /** It gives back what it has of its batch and of the process: it is to be sent again, and keeps its locks. */
  resting(): void;
  /** It wants slots again, for `attempt`. */
  again(): void;
  settled(outcome: Outcome): void;
  /** Nothing of the call can take effect any more, as far as waiting can tell: its locks are free. */
  unlocked(): void;
  /** A server slot is free. */
  vacated(): void;
}

interface RunOptions {
  clock: Clock;
  random: () => number;
  unknown: UnknownKeys;
  /** What its caller should know of what it started from. */
  warning: string | undefined;
  on: RunEvents;
}

/** A call from its first sending to its end: one outcome, whatever the upstream does, and however often it is sent. */
export class CallRun implements RunningCall, AttemptEvents {
  private readonly call: PlannedCall;
  private readonly admission: Admission;
  private readonly options: RunOptions;
  private readonly isRead: boolean;
  private current: Attempt | undefined;
  /** Those of which something could still take effect. */
  private readonly live: Attempt[] = [];
  private tries = 0;
  private sent = 0;
  private firstSentMs: number | undefined;
  private clearBackoff: (() => void) | undefined;
  /** How the last sending ended that is to be followed by another. */
  private lastEnd: CallEnd | undefined;
  /** A sending before this one may have taken effect; and whether its server has said how it ended. */
  private doubt: Pick<CallEnd, 'unlearnt'> | undefined;
  private isSettled = false;
  private isLastTry = false;
  private unlearnt: CallEnd['unlearnt'];
  private readonly told: Told = {};

  constructor(admission: Admission, options: RunOptions) {
    this.call = admission.call;
    this.admission = admission;
    this.options = options;
    this.isRead = admission.call.class === 'read';
  }

  /** Sends the call with these slots, which it gives back. Not once it is settled. */
  attempt(slots: HeldSlots): void {
    const { send, recorder } = this.admission;
    const attempt = new Attempt(this.call, { clock: this.options.clock, slots, on: this });
    this.current = attempt;
    this.live.push(attempt);
    this.tries++;
    const { call, tries } = this;
    attempt.start(send, tries === 1 ? recorder?.sending(call) : recorder?.sendingAgain?.(call));
  }

  stop(when: string): void {
    if (this.isSettled) return;
    const { call, current, lastEnd } = this;
    // While it waits to be sent again, its last end is all there is to say.
    if (current === undefined || (current.isWaiting && lastEnd !== undefined)) this.settle(lastEnd!);
    else this.settle(endWithout('deadline', { call, wasSent: this.countOut(), when }));
    current?.stop();
  }

  abandon(keepLocksMs = 0): void {
    if (this.isSettled) return;
    const isOut = this.countOut();
    const { unlearnt: _, ...end } = endWithout('cancelled', { call: this.call, wasSent: this.sent > 0 });
    this.settle(isOut && !this.isRead ? { ...end, unlearnt: 'silent' } : end);
    // Each of them takes itself out.
    for (const attempt of this.live.slice()) attempt.abandon(keepLocksMs);
  }

  repeatNoMore(): void {
    this.isLastTry = true;
  }

  isOut(): boolean {
    return this.current?.isWaiting === false;
  }

  pending(): Outcome {
    const isOut = this.isOut();
    const nowMs = this.options.clock.now();
    const startedMs = this.firstSentMs ?? (isOut ? this.current!.sentMs : nowMs);
    const queuedMs = startedMs - this.admission.acceptedMs;
    const attempts = this.sent + (isOut ? 1 : 0);
    const applied = attempts > 0 && !this.isRead ? 'unknown' : 'no';
    return { status: 'pending', applied, attempts, queuedMs, runMs: nowMs - startedMs, startedMs: queuedMs };
  }

  answered(answer: SendResult, attempt: Attempt): void {
    const end = endOf(answer, this.isRead);
    if (this.isSettled) return this.learn(answer, end);
    if (attempt !== this.current) {
      // One that had timed out, and was to be sent again: where it has its answer after all, the other is needed no more.
      if (!answer.ok && (answer.fault !== undefined || end.unlearnt !== undefined)) return;
      this.countOut();
      this.settle(end);
      return this.current?.stop();
    }
    if (answer.ok || answer.sent) this.count(attempt);
    if (answer.ok || !this.willRetry(answer, end)) this.settle(end);
  }

  timedOut(attempt: Attempt): void {
    this.count(attempt);
    const end = endWithout('timeout', { call: this.call, wasSent: true });
    if (!this.willRetry('timeout', end)) this.settle(end);
    attempt.stop();
  }

  asking(isAsking: boolean): void {
    this.options.on.asking(isAsking);
  }

  over(attempt: Attempt): void {
    this.live.splice(this.live.indexOf(attempt), 1);
    this.unlockIfOver();
  }

  vacated({ slots }: Attempt): void {
    slots.giveServer();
    this.options.on.vacated();
  }

  private willRetry(failure: Failure, end: CallEnd): boolean {
    const { clock, random, on } = this.options;
    const { mayRepeat } = this.call;
    if (mayRepeat === undefined || this.isLastTry) return false;
    const leftMs = this.admission.leftMs();
    const afterMs = decideRetry({ failure, mayRepeat, tries: this.tries, leftMs, random: random() });
    if (afterMs === undefined) return false;
    this.lastEnd = end;
    const soFar = this.inDoubt(end);
    if (soFar.applied === 'unknown') this.doubt = soFar;
    this.current!.setAsking(false);
    this.current!.slots.giveProcess();
    this.current = undefined;
    on.resting();
    this.clearBackoff = clock.after(Math.ceil(afterMs), () => on.again());
    return true;
  }

  private settle(ended: CallEnd): void {
    const { clock, warning, unknown, on } = this.options;
    const { acceptedMs, share, recorder } = this.admission;
    this.current?.setAsking(false);
    this.clearBackoff?.();
    this.isSettled = true;
    const { status, applied, result, error, unlearnt } = this.inDoubt(ended);
    this.unlearnt = unlearnt;
    const nowMs = clock.now();
    const startedMs = this.firstSentMs ?? nowMs;
    const queuedMs = startedMs - acceptedMs;
    const outcome: Outcome = {
      status,
      applied,
      attempts: this.sent,
      queuedMs,
      runMs: nowMs - startedMs,
      startedMs: queuedMs,
    };
    if (result !== undefined) outcome.result = result;
    if (error !== undefined) outcome.error = error;
    if (warning !== undefined && this.sent > 0) outcome.warning = warning;
    if (unlearnt !== undefined) share.untold.push(this.told);
    if (applied === 'yes') unknown.settle(this.call.locks);
    this.current?.slots.giveProcess();
    recorder?.settled(this.call, outcome);
    on.settled(outcome);
    this.unlockIfOver();
  }

  /** What one sending has left open, another does not close, unless it succeeds. */
  private inDoubt(end: CallEnd): CallEnd {
    const { doubt } = this;
    if (doubt === undefined || end.applied === 'yes') return end;
    const unlearnt = end.unlearnt ?? doubt.unlearnt;
    const { error } = end;
    return {
      ...end,
      applied: 'unknown',
      ...(error !== undefined && { error: { ...error, retryable: false } }),
      ...(unlearnt !== undefined && { unlearnt }),
    };
  }

  /** An answer after the end. */
  private learn(answer: SendResult, ended: CallEnd): void {
    const { status, applied, result, unlearnt } = this.inDoubt(ended);
    if (this.unlearnt === undefined) return;
    // Another sending of it may still say more.
    if (applied !== 'yes' && this.live.length > 1) return;
    if (!answer.ok && unlearnt !== undefined) {
      this.unlearnt = unlearnt;
      return;
    }
    this.unlearnt = undefined;
    if (applied === 'yes') this.options.unknown.settle(this.call.locks);
    const end = { id: this.call.id, status, applied, ...(result !== undefined && { result }) };
    this.admission.recorder?.late(this.call, end);
    this.admission.on.late?.(end);
  }

  /** Before others get the locks: they shall find what this call has left unknown. */
  private unlockIfOver(): void {
    if (!this.isSettled || this.live.length > 0) return;
    const { call, told, unlearnt } = this;
    if (unlearnt !== undefined) this.options.unknown.add({ call, age: this.admission.share.age, told, why: unlearnt });
    this.options.on.unlocked();
  }

  private count({ sentMs }: Attempt): void {
    this.sent++;
    this.firstSentMs ??= sentMs;
  }

  /** Counts what is out now without an answer; whether there is such a thing. */
  private countOut(): boolean {
    if (!this.isOut()) return false;
    this.count(this.current!);
    return true;
  }
}
