import { rpcCode, type RequestId } from '../../../core/protocol/rpc.ts';

/** What stands in for an answer that could not be kept: its request ends, and its client knows not to take it for undone. */
export function lostAnswer(id: RequestId): string {
  const error = {
    code: rpcCode.internalError,
    message: 'the answer is no longer kept; whether the call took effect is not known',
    data: { code: 'connection_lost', applied: 'unknown' },
  };
  return `${JSON.stringify({ jsonrpc: '2.0', id, error })}\n`;
}
