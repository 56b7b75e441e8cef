import type { JSONRPCRequest, ServerContext } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';

/** A request of a client, without what belongs to the connection it came over. */
export interface ClientRequest {
  method: string;
  /** As sent, except for what the protocol layer reserves for itself in `_meta`. */
  params: JsonObject;
  /** Under which the client wants to hear of progress; absent: it does not. */
  progressToken?: string | number;
  /** Aborted when the client cancels or leaves. */
  signal: AbortSignal;
  /** Sends one progress notification with these params. A client that has gone misses it. */
  notifyProgress(params: JsonObject): void;
}

export function toClientRequest(request: JSONRPCRequest, context: ServerContext): ClientRequest {
  const params: unknown = request.params;
  const token: JsonValue | undefined =
    isJsonObject(params) && isJsonObject(params['_meta']) ? params['_meta']['progressToken'] : undefined;
  return {
    method: request.method,
    params: isJsonObject(params) ? params : {},
    ...((typeof token === 'string' || typeof token === 'number') && { progressToken: token }),
    signal: context.mcpReq.signal,
    notifyProgress(progress) {
      const notification = { method: 'notifications/progress' as const, params: progress };
      context.mcpReq.notify(notification as Parameters<typeof context.mcpReq.notify>[0]).catch(() => {});
    },
  };
}
