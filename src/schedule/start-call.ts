import { createAborter, type AbortLike } from '../core/abort.ts';
import type { Clock } from '../core/clock.ts';
import { statusOfCode, type CallError, type Outcome, type SendResult } from '../core/outcome.ts';
import type { PlannedCall } from '../core/plan.ts';

/** Sends one call to its upstream. Settles soon after `signal` aborts; a rejection counts as an internal error of a sent call. */
export type Send = (call: PlannedCall, signal: AbortLike) => Promise<SendResult>;

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
}

/** Sends a call and sees it to its end: one outcome, whatever the upstream does. */
export function startCall(options: {
  call: PlannedCall;
  send: Send;
  clock: Clock;
  /** Milliseconds of the clock at which the batch was accepted. */
  acceptedMs: number;
  on: CallEvents;
}): RunningCall {
  const { call, clock, on } = options;
  const isRead = call.class === 'read';
  const aborter = createAborter();
  const dispatchedMs = clock.now();
  let phase: 'running' | 'late' | 'over' = 'running';
  let clearTimer: () => void = () => {};

  const settle = (end: Pick<Outcome, 'status' | 'applied'> & Pick<Partial<Outcome>, 'result' | 'error'>): void => {
    clearTimer();
    const queuedMs = dispatchedMs - options.acceptedMs;
    on.settled({ attempts: 1, queuedMs, startedMs: queuedMs, runMs: clock.now() - dispatchedMs, ...end });
  };

  const finish = (): void => {
    phase = 'over';
    clearTimer();
    on.unlocked();
    on.vacated();
  };

  const answered = (answer: SendResult): void => {
    if (phase === 'over') return;
    // A read that was cancelled after its timeout settles here at once; that is our own word, not the server's.
    if (phase === 'late' && isRead && !answer.ok && answer.error.code === 'cancelled') return;
    if (phase === 'running') settle(endOf(answer, isRead));
    finish();
  };

  const stop = (code: 'timeout' | 'deadline'): void => {
    if (phase !== 'running') return;
    phase = 'late';
    settle({ status: statusOfCode[code], applied: isRead ? 'no' : 'unknown', error: stopError(code, call) });
    clearTimer = clock.after(isRead ? unansweredReadMs : lateWriteMs, () => {
      if (!isRead) aborter.abort();
      finish();
    });
    if (isRead) {
      aborter.abort();
      on.unlocked();
    }
  };

  const abandon = (keepLocksMs = 0): void => {
    if (phase === 'over') return;
    if (phase === 'running') {
      settle({
        status: 'cancelled',
        applied: isRead ? 'no' : 'unknown',
        error: stopError('cancelled', call),
      });
    }
    clearTimer();
    aborter.abort();
    if (isRead || keepLocksMs === 0) return finish();
    phase = 'over';
    on.vacated();
    clock.after(keepLocksMs, on.unlocked);
  };

  if (call.timeoutMs !== undefined) clearTimer = clock.after(call.timeoutMs, () => stop('timeout'));
  options.send(call, aborter).then(answered, () => {
    answered({
      ok: false,
      sent: true,
      error: {
        code: 'internal',
        message: `calling ${call.exposedName} failed inside mcp-marshal; its log says why`,
        retryable: false,
      },
    });
  });
  return { stop, abandon };
}

function endOf(
  answer: SendResult,
  isRead: boolean,
): Pick<Outcome, 'status' | 'applied'> & Pick<Partial<Outcome>, 'result' | 'error'> {
  if (!answer.ok) {
    const applied = isRead || !answer.sent ? 'no' : 'unknown';
    return { status: statusOfCode[answer.error.code], applied, error: answer.error };
  }
  if (answer.result['isError'] === true)
    return { status: 'tool_error', applied: isRead ? 'no' : 'unknown', result: answer.result };
  return { status: 'ok', applied: isRead ? 'no' : 'yes', result: answer.result };
}

function stopError(code: StopCode, call: PlannedCall): CallError {
  const unknown = call.class === 'read' ? '' : '; it was sent, and whether it took effect is not known';
  const messages: Record<StopCode, string> = {
    timeout: `no answer within ${call.timeoutMs} ms${unknown}`,
    deadline: `still running when the batch had to answer${unknown}`,
    cancelled: `cancelled while it ran${unknown}`,
  };
  return { code, message: messages[code], retryable: call.class === 'read' };
}
