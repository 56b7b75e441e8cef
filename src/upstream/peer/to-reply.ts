import type { Reply } from '../../core/protocol/rpc.ts';
import { refusal, rpcCode } from '../../core/protocol/rpc.ts';
import type { RawAnswer } from './raw-answer.ts';

/** What a raw answer means for whoever sent the request. `server` names the upstream in messages. */
export function toReply(server: string, answer: RawAnswer): Reply {
  if (answer.kind === 'result') return { ok: true, result: answer.result };
  if (answer.kind === 'error') return { ok: false, error: answer.error };
  if (answer.kind === 'cancelled') return refusal(rpcCode.internalError, 'the request was cancelled');
  if (answer.kind === 'malformed') {
    return refusal(rpcCode.internalError, `${server} broke the protocol: ${answer.reason}`);
  }
  if (!answer.sent) return unavailableReply(server, answer.reason);
  if (answer.status !== undefined) {
    return refusal(rpcCode.internalError, `${server}: ${answer.reason}`, { code: 'upstream_error' });
  }
  return refusal(rpcCode.internalError, `${server}: ${answer.reason}; no answer came`, { code: 'connection_lost' });
}

/** A request that could not be sent, and why. */
export function unavailableReply(server: string, reason: string): Reply {
  return refusal(rpcCode.internalError, `${server} is not available: ${reason}`, { code: 'server_unavailable' });
}
