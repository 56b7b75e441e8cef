import { statusOfCode, type Outcome, type SendResult } from '../../core/outcome.ts';
import type { PlannedCall } from '../../core/plan.ts';

/** How a call ends, but for its times. */
export interface CallEnd extends Pick<Outcome, 'status' | 'applied' | 'result' | 'error'> {
  /**
   * Present where the server has not said how it ended, and it may have taken effect: nothing was heard, or the connection was lost
   * with the answer.
   */
  unlearnt?: 'silent' | 'lost';
}

/** The end of a call that was answered, or that could not be sent. */
export function endOf(answer: SendResult, isRead: boolean): CallEnd {
  if (!answer.ok) {
    const { error, sent } = answer;
    const status = statusOfCode[error.code];
    if (isRead || !sent) return { status, applied: 'no', error };
    // What may have taken effect is not to be sent again as it is.
    const end: CallEnd = { status, applied: 'unknown', error: { ...error, retryable: false } };
    return isUnlearnt(end) ? { ...end, unlearnt: 'lost' } : end;
  }
  const { result } = answer;
  if (result['isError'] === true) return { status: 'tool_error', applied: isRead ? 'no' : 'unknown', result };
  return { status: 'ok', applied: isRead ? 'no' : 'yes', result };
}

/** Whether nobody has learnt how a call ended that may have taken effect: an error of the server's own, too, is something learnt. */
export function isUnlearnt({ applied, status, error }: Pick<CallEnd, 'status' | 'applied' | 'error'>): boolean {
  return applied === 'unknown' && status !== 'tool_error' && error?.code !== 'upstream_error';
}

/** Why a call is ended from our side. */
export type StopCode = 'timeout' | 'deadline' | 'cancelled';

/**
 * The end of a call that is stopped before its answer has come. `wasSent`: something of it has left this process. `when` says of a
 * deadline which it was, such as `when the batch had to answer`.
 */
export function endWithout(
  code: StopCode,
  { call, wasSent, when }: { call: PlannedCall; wasSent: boolean; when?: string },
): CallEnd {
  const applied = call.class === 'read' || !wasSent ? 'no' : 'unknown';
  const unknown = applied === 'unknown' ? '; it was sent, and whether it took effect is not known' : '';
  const messages: Record<StopCode, string> = {
    timeout: `no answer within ${call.timeoutMs} ms`,
    deadline: `still running ${when}`,
    cancelled: 'cancelled while it ran',
  };
  return {
    // Contract: at the deadline, what never started is skipped.
    status: !wasSent && code === 'deadline' ? 'skipped' : statusOfCode[code],
    applied,
    error: {
      code,
      message: `${messages[code]}${wasSent ? unknown : '; it waited to be sent, and was not'}`,
      retryable: applied === 'no',
    },
    ...(applied === 'unknown' && { unlearnt: 'silent' as const }),
  };
}

/** What a sending that failed by a mistake of ours counts as: nobody knows how far it got. */
export function brokenSend({ exposedName }: PlannedCall): SendResult {
  const message = `calling ${exposedName} failed inside mcp-marshal; its log says why`;
  return { ok: false, sent: true, error: { code: 'internal', message, retryable: false } };
}
