import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/client';
import type { JsonObject } from '../../core/json.ts';
import { isJsonObject, isTooDeep } from '../../core/json.ts';
import { rpcCode } from '../../core/protocol/rpc.ts';
import type { RpcError } from '../../core/protocol/rpc.ts';
import { explainSendFailure } from './failure/send-failure.ts';

/** Where sending a request again could help, as in `SendResult`. */
export interface Repeatable {
  fault?: 'transport' | 'busy';
  retryAfterMs?: number;
}

/**
 * How a request ended. `malformed`: an answer came that is none. `lost`: the connection, or the answer's stream, ended first, or
 * the request could not be sent, or was refused with an HTTP `status`. `cancelled`: by our own signal. `sent: false` is said only
 * where it is certain that the upstream has not run it.
 */
export type RawAnswer =
  | { kind: 'result'; result: JsonObject }
  | ({ kind: 'error'; error: RpcError } & Repeatable)
  | { kind: 'malformed'; reason: string }
  | ({ kind: 'lost'; reason: string; sent: boolean; endsConnection: boolean; status?: number } & Repeatable)
  | { kind: 'cancelled'; sent: boolean };

/** Reads a JSON-RPC answer. Its result is handed on as the object that came, without the identity of the server; its error with `redact`. */
export function toRawAnswer(message: object, redact?: Redact): RawAnswer {
  const hasResult = 'result' in message;
  const hasError = 'error' in message;
  if (hasResult && hasError) return { kind: 'malformed', reason: 'it answered with both a result and an error' };
  if (hasResult) {
    if (!isJsonObject(message.result)) return { kind: 'malformed', reason: 'its result is not an object' };
    return { kind: 'result', result: withoutIdentity(message.result) };
  }
  const error = hasError ? message.error : undefined;
  if (isRpcError(error)) return { kind: 'error', error: redactError(error, redact) };
  return { kind: 'malformed', reason: 'it answered with neither a result nor an error' };
}

/** What became of a request whose message the transport could not deliver. */
export function toFailedAnswer(error: unknown, redact?: Redact): RawAnswer {
  const { rpc, isMalformed, fault, retryAfterMs, ...failure } = explainSendFailure(error, redact);
  if (isMalformed) return { kind: 'malformed', reason: failure.reason };
  const repeatable = { ...(fault && { fault }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (rpc === undefined) return { kind: 'lost', ...failure, ...repeatable };
  return { kind: 'error', error: redactError(rpc, redact), ...repeatable };
}

type Redact = (text: string) => string;

/** Errors are logged, kept in the journal and shown; what asks for something by its data, such as a visit to a URL, keeps that. */
function redactError(error: RpcError, redact: Redact | undefined): RpcError {
  if (redact === undefined) return error;
  const { data } = error;
  const keepsData = data === undefined || error.code === rpcCode.urlElicitationRequired || isTooDeep(data);
  return { ...error, message: redact(error.message), ...(!keepsData && { data: redactValue(data, redact) }) };
}

/** Recurses: for values that are not too deep. */
function redactValue(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((element) => redactValue(element, redact));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, redactValue(inner, redact)]));
}

export const answerMissing: RawAnswer = {
  kind: 'lost',
  reason: 'the response ended without an answer',
  sent: true,
  endsConnection: false,
  fault: 'transport',
};

/** Where a request has a stream of its own, what answers something else there was meant for it. */
export const answerMisdirected: RawAnswer = { kind: 'malformed', reason: 'it answered under another id' };

/** All that is known of an end by those who wait for an answer; the connection itself knows more where it is that of a process. */
export const endWithoutReason = 'the connection ended';

export function connectionEnded(sent: boolean): RawAnswer {
  return { kind: 'lost', reason: endWithoutReason, sent, endsConnection: true, fault: 'transport' };
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
