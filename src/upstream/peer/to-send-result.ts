import type { CallError, SendResult } from '../../core/outcome.ts';
import type { RawAnswer, Repeatable } from './raw-answer.ts';

/**
 * What a raw answer to `tools/call` means for the call. `server` names the upstream in messages. With `needsLogin` a call that was not sent
 * is not worth sending again before a person has logged in.
 */
export function toSendResult(server: string, answer: RawAnswer, { needsLogin = false } = {}): SendResult {
  if (answer.kind === 'result') return { ok: true, result: answer.result };
  if (answer.kind === 'cancelled') return cancelled(answer.sent);
  if (answer.kind === 'malformed') {
    const message = `${server} broke the protocol: ${answer.reason}`;
    return failed({ code: 'upstream_error', message, retryable: false });
  }
  const repeatable = repeatableOf(answer);
  if (answer.kind === 'error') {
    const { code, message, data } = answer.error;
    const rpc = { code, message, ...(data !== undefined && { data }) };
    const error: CallError = {
      code: 'upstream_error',
      message: `${server}: ${message} (${code})`,
      retryable: repeatable.fault !== undefined,
      rpc,
    };
    return { ...failed(error), ...repeatable };
  }
  if (!answer.sent) return { ...unavailable(server, answer.reason, { retryable: !needsLogin }), ...repeatable };
  if (answer.status !== undefined) {
    const message = `${server}: ${answer.reason}; unless the call only reads, what it did is not known`;
    return {
      ...failed({ code: 'upstream_error', message, retryable: repeatable.fault !== undefined }),
      ...repeatable,
    };
  }
  const message = `${server}: ${answer.reason}; no answer came, so unless the call only reads, what the call did is not known`;
  return { ...failed({ code: 'connection_lost', message, retryable: true }), ...repeatable };
}

/** A call that could not be sent, and why. */
export function unavailable(server: string, reason: string, { retryable = true } = {}): SendResult {
  return failed({ code: 'server_unavailable', message: `${server} is not available: ${reason}`, retryable }, false);
}

/** A call that its sender gave up. */
export function cancelled(sent: boolean): SendResult {
  return failed({ code: 'cancelled', message: 'the call was cancelled', retryable: true }, sent);
}

function failed(error: CallError, sent = true): SendResult {
  return { ok: false, error, sent };
}

function repeatableOf({ fault, retryAfterMs }: Repeatable): Repeatable {
  return { ...(fault && { fault }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
