import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import { toLine } from '../../../lib/json-line.ts';

/**
 * A message as one line of JSON with its newline. What is nested too deep to be written goes out as far as it can: an answer as an
 * error, since its request waits for one; anything else not at all.
 */
export function messageText(message: JsonObject): string | undefined {
  return toLine(message) ?? (isAnswer(message) ? toLine(excuse(message)) : undefined);
}

/** Whether a message ends a request of the client. */
export function isAnswer(message: JsonObject): boolean {
  return message['method'] === undefined && ('result' in message || 'error' in message);
}

/** News that is worth nothing to a client that is behind with reading. */
export function isDroppable({ method }: JsonObject): boolean {
  return method === 'notifications/progress' || method === 'notifications/message';
}

function excuse({ jsonrpc, id, error }: JsonObject): JsonObject {
  if (isJsonObject(error)) {
    // All but the data, which is what goes deep.
    const { code, message } = error;
    return { jsonrpc, id, error: { code, message } };
  }
  const message = 'the result is nested too deep to be passed on';
  return { jsonrpc, id, error: { code: rpcCode.internalError, message } };
}
