import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/client';
import type { JsonObject } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { RpcError } from '../../core/protocol/rpc.ts';
import { explainSendFailure } from './send-failure.ts';

/**
 * How a request ended. `malformed`: an answer came that is none. `lost`: the connection, or the answer's stream, ended first, or
 * the request could not be sent. `cancelled`: by our own signal. `sent: false` is said only where nothing reached the upstream.
 */
export type RawAnswer =
  | { kind: 'result'; result: JsonObject }
  | { kind: 'error'; error: RpcError }
  | { kind: 'malformed'; reason: string }
  | { kind: 'lost'; reason: string; sent: boolean; endsConnection: boolean }
  | { kind: 'cancelled'; sent: boolean };

/** Reads a JSON-RPC answer. Its result is handed on as the object that came, without the identity of the server. */
export function toRawAnswer(message: object): RawAnswer {
  const hasResult = 'result' in message;
  const hasError = 'error' in message;
  if (hasResult && hasError) return { kind: 'malformed', reason: 'it answered with both a result and an error' };
  if (hasResult) {
    if (!isJsonObject(message.result)) return { kind: 'malformed', reason: 'its result is not an object' };
    return { kind: 'result', result: withoutIdentity(message.result) };
  }
  const error = hasError ? message.error : undefined;
  if (isRpcError(error)) return { kind: 'error', error };
  return { kind: 'malformed', reason: 'it answered with neither a result nor an error' };
}

/** What became of a request whose message the transport could not deliver. */
export function toFailedAnswer(error: unknown): RawAnswer {
  const { rpc, sent, endsConnection, reason } = explainSendFailure(error);
  return rpc === undefined ? { kind: 'lost', reason, sent, endsConnection } : { kind: 'error', error: rpc };
}

export const answerMissing: RawAnswer = {
  kind: 'lost',
  reason: 'the response ended without an answer',
  sent: true,
  endsConnection: false,
};

export function connectionEnded(sent: boolean): RawAnswer {
  return { kind: 'lost', reason: 'the connection ended', sent, endsConnection: true };
}

function isRpcError(value: unknown): value is RpcError {
  return isJsonObject(value) && typeof value['code'] === 'number' && typeof value['message'] === 'string';
}

/**
 * What a modern server adds to a result for whoever it talks to, which is us: that the result is whole, and who made it. Passed on,
 * it would name the wrong server to a modern client, and be unknown to a legacy one.
 */
function withoutIdentity(result: JsonObject): JsonObject {
  if (result['resultType'] === 'complete') delete result['resultType'];
  const meta = result['_meta'];
  if (isJsonObject(meta) && SERVER_INFO_META_KEY in meta) {
    delete meta[SERVER_INFO_META_KEY];
    if (Object.keys(meta).length === 0) delete result['_meta'];
  }
  return result;
}
