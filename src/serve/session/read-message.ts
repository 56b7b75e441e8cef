import { isJsonObject, type JsonObject } from '../../core/json.ts';
import type { Reply, RequestId } from '../../core/protocol/rpc.ts';

/** What a client's message is. `odd`: none that JSON-RPC 2.0 knows; with the id that an answer to it can carry. */
export type ClientMessage =
  | { kind: 'request'; id: RequestId; method: string; params: JsonObject }
  | { kind: 'notification'; method: string; params: JsonObject }
  | { kind: 'answer'; id: RequestId; reply: Reply }
  | { kind: 'odd'; id: RequestId | undefined };

const requestKeys = new Set(['jsonrpc', 'id', 'method', 'params']);

/** Reads one message of a client. Absent params are empty ones. */
export function readMessage(message: JsonObject): ClientMessage {
  const { id, method, params = {} } = message;
  const known = isRequestId(id) ? id : undefined;
  const odd: ClientMessage = { kind: 'odd', id: known };
  if (typeof method !== 'string') {
    const reply = known === undefined ? undefined : readReply(message);
    return known === undefined || reply === undefined ? odd : { kind: 'answer', id: known, reply };
  }
  const isPlain = isJsonObject(params) && Object.keys(message).every((key) => requestKeys.has(key));
  if (!isPlain) return odd;
  if (!('id' in message)) return { kind: 'notification', method, params };
  return known === undefined ? odd : { kind: 'request', id: known, method, params };
}

/** Ids are texts and whole numbers: anything else cannot be told from another (JSON-RPC 2.0, §4). */
export function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || Number.isInteger(value);
}

function readReply({ result, error }: JsonObject): Reply | undefined {
  if (isJsonObject(result) && error === undefined) return { ok: true, result };
  if (!isJsonObject(error) || result !== undefined) return undefined;
  const { code, message, data } = error;
  if (typeof code !== 'number' || typeof message !== 'string') return undefined;
  return { ok: false, error: { code, message, ...(data !== undefined && { data }) } };
}
