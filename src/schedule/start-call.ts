import { Aborter, type AbortLike } from '../core/abort.ts';
import type { Clock } from '../core/clock.ts';
import { statusOfCode, type Outcome, type SendResult } from '../core/outcome.ts';
import type { PlannedCall } from '../core/plan.ts';
import { startPatientTimer, type PatientTimer } from './patient-timer.ts';

/** Sends one call to its upstream. Settles soon after `signal` aborts; a rejection counts as an internal error of a sent call. */
export type Send = (call: PlannedCall, signal: AbortLike, underway: Underway) => Promise<SendResult>;

/** What is to be said of a call while it is under way. */
export interface Underway {
  /** `true`: nothing has left yet, since there is no connection; `false`: it is about to. */
  setWaiting: (isWaiting: boolean) => void;
  /** Whether a question of its server is with the client. Neither the call's timeout nor its batch's deadline runs then. */
  setAsking: (isAsking: boolean) => void;
}

/** A read that got no answer keeps its server slot this long: a server that does not answer is not given more. */
const unansweredReadMs = 5_000;
/** A write that outlived its timeout is waited for this long before it is cancelled (scheduling.md §4.3). */
const lateWriteMs = 30_000;

/** What is cancelled and may change something has this long to end: the running writes of a batch share it (scheduling.md §4.4). */
export const cancelGraceMs = 2_000;

/** Why a call in flight is stopped from our side. */
type StopCode = 'timeout' | 'deadline' | 'cancelled';

/** A call in flight. */
export interface RunningCall {
  /**
   * Ends the call for its batch now. A read is cancelled upstream. A write is not, since a cancelled write is finished by most
   * servers and its answer lost: it keeps its locks and its server slot until it answers or 30 s pass.
   */
  stop(code: 'timeout' | 'deadline'): void;
  /**
   * Cancels the call upstream, without waiting for an answer. A write keeps its locks for `keepLocksMs` all the same: most servers
   * finish a cancelled write and say nothing.
   */
  abandon(keepLocksMs?: number): void;
}

/** The parts of a call's end. `settled` fires once and first; of the others only the first firing counts. */
export interface CallEvents {
  /** The outcome is known. */
  settled(outcome: Outcome): void;
  /** Nothing of the call can take effect any more, as far as waiting can tell: its locks are free. */
  unlocked(): void;
  /** The server is done with it: its server slot is free. */
  vacated(): void;
  /** A question of its server goes to the client, and its answer has come or is not waited for any more; always before `settled`. */
  asking(isAsking: boolean): void;
}

interface StartOptions {
  call: PlannedCall;
  send: Send;
  clock: Clock;
  /** Milliseconds of the clock at which the batch was accepted. */
  acceptedMs: number;
  on: CallEvents;
}

/** Sends a call and sees it to its end: one outcome, whatever the upstream does. */
export function startCall(options: StartOptions): RunningCall {
  return new CallInFlight(options);
}

class CallInFlight implements RunningCall, Underway {
  private readonly options: StartOptions;
  private readonly aborter = new Aborter();
  private dispatchedMs: number;
  private phase: 'running' | 'late' | 'over' = 'running';
  private isWaiting = false;
  private isAsking = false;
  private timeout: PatientTimer | undefined;
  private clearTimer: (() => void) | undefined;

  constructor(options: StartOptions) {
    this.options = options;
    const { call, clock, send } = options;
    this.dispatchedMs = clock.now();
    this.startTimeout();
    const failed = (): void => this.answered(brokenSend(call));
    try {
      send(call, this.aborter, this).then((answer) => this.answered(answer), failed);
    } catch {
      // Nobody knows of this call in flight before its constructor is through.
      queueMicrotask(failed);
    }
  }

  readonly setWaiting = (isWaiting: boolean): void => {
    if (isWaiting === this.isWaiting) return;
    this.isWaiting = isWaiting;
    if (this.phase !== 'running') return;
    // A call runs from the moment in which it can be sent: what passes before is waiting, and counts against no timeout.
    this.dispatchedMs = this.options.clock.now();
    this.timeout?.clear();
    if (!isWaiting) this.startTimeout();
  };

  readonly setAsking = (isAsking: boolean): void => {
    if (isAsking === this.isAsking || this.phase !== 'running') return;
    this.isAsking = isAsking;
    if (isAsking) this.timeout?.pause();
    else this.timeout?.resume();
    this.options.on.asking(isAsking);
  };

  private startTimeout(): void {
    const { call, clock } = this.options;
    if (call.timeoutMs === undefined) return;
    this.timeout = startPatientTimer({ clock, ms: call.timeoutMs, fire: () => this.stop('timeout') });
    if (this.isAsking) this.timeout.pause();
  }

  stop(code: 'timeout' | 'deadline'): void {
    if (this.phase !== 'running') return;
    this.setAsking(false);
    this.phase = 'late';
    this.settle(this.endWithout(code));
    // Nothing has left yet, and nothing shall once the result says so.
    if (this.isWaiting) return this.letGo();
    const isRead = this.isRead();
    this.clearTimer = this.options.clock.after(isRead ? unansweredReadMs : lateWriteMs, () => {
      if (!isRead) this.aborter.abort();
      this.finish();
    });
    if (isRead) {
      this.aborter.abort();
      this.options.on.unlocked();
    }
  }

  abandon(keepLocksMs = 0): void {
    if (this.phase === 'over') return;
    const wasRunning = this.phase === 'running';
    this.setAsking(false);
    this.phase = 'over';
    if (wasRunning) this.settle(this.endWithout('cancelled'));
    if (this.isRead() || this.isWaiting || keepLocksMs === 0) return this.letGo();
    this.clearTimer?.();
    this.aborter.abort();
    this.options.on.vacated();
    this.options.clock.after(keepLocksMs, this.options.on.unlocked);
  }

  private answered(answer: SendResult): void {
    if (this.phase === 'over') return;
    // A read that was cancelled after its timeout settles here at once; that is our own word, not the server's.
    if (this.phase === 'late' && this.isRead() && !answer.ok && answer.error.code === 'cancelled') return;
    if (this.phase === 'running') {
      this.setAsking(false);
      this.settle(endOf(answer, this.isRead()));
    }
    this.finish();
  }

  private settle({ status, applied, wasSent, result, error }: End): void {
    this.timeout?.clear();
    const nowMs = this.options.clock.now();
    const startedMs = wasSent ? this.dispatchedMs : nowMs;
    const queuedMs = startedMs - this.options.acceptedMs;
    const runMs = nowMs - startedMs;
    const attempts = wasSent ? 1 : 0;
    const outcome: Outcome = { status, applied, attempts, queuedMs, runMs, startedMs: queuedMs };
    if (result !== undefined) outcome.result = result;
    if (error !== undefined) outcome.error = error;
    this.options.on.settled(outcome);
  }

  private letGo(): void {
    this.aborter.abort();
    this.finish();
  }

  private finish(): void {
    this.phase = 'over';
    this.clearTimer?.();
    this.options.on.unlocked();
    this.options.on.vacated();
  }

  private isRead(): boolean {
    return this.options.call.class === 'read';
  }

  /** The end of a call that is stopped before its answer has come. */
  private endWithout(code: StopCode): End {
    const { call } = this.options;
    const applied = this.isRead() || this.isWaiting ? 'no' : 'unknown';
    const known = this.isWaiting ? '; its server was not connected, and it was not sent' : '';
    const unknown = applied === 'unknown' ? '; it was sent, and whether it took effect is not known' : known;
    const messages: Record<StopCode, string> = {
      timeout: `no answer within ${call.timeoutMs} ms${unknown}`,
      deadline: `still running when the batch had to answer${unknown}`,
      cancelled: `cancelled while it ran${unknown}`,
    };
    return {
      // Contract: at the deadline, what never started is skipped.
      status: this.isWaiting && code === 'deadline' ? 'skipped' : statusOfCode[code],
      applied,
      wasSent: !this.isWaiting,
      error: { code, message: messages[code], retryable: applied === 'no' },
    };
  }
}

type End = Pick<Outcome, 'status' | 'applied' | 'result' | 'error'> & { wasSent: boolean };

function brokenSend({ exposedName }: PlannedCall): SendResult {
  const message = `calling ${exposedName} failed inside mcp-marshal; its log says why`;
  return { ok: false, sent: true, error: { code: 'internal', message, retryable: false } };
}

function endOf(answer: SendResult, isRead: boolean): End {
  if (!answer.ok) {
    const applied = isRead || !answer.sent ? 'no' : 'unknown';
    // What may have taken effect is not to be sent again as it is.
    const error = applied === 'unknown' ? { ...answer.error, retryable: false } : answer.error;
    return { status: statusOfCode[answer.error.code], applied, wasSent: answer.sent, error };
  }
  const { result } = answer;
  if (result['isError'] === true)
    return { status: 'tool_error', applied: isRead ? 'no' : 'unknown', wasSent: true, result };
  return { status: 'ok', applied: isRead ? 'no' : 'yes', wasSent: true, result };
}
