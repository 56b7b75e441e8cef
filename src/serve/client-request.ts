import type { JSONRPCRequest, ServerContext } from '@modelcontextprotocol/server';
import type { AbortLike } from '../core/abort.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';

/** A request of a client, without what belongs to the connection it came over. */
export interface ClientRequest {
  method: string;
  /** Who the client is, as far as that decides what it may see: nobody reads the results of another. */
  principal: string;
  /** As sent, except for what the protocol layer reserves for itself in `_meta`. */
  params: JsonObject;
  /** Under which the client wants to hear of progress; absent: it does not. */
  progressToken?: string | number;
  /** Aborted when the client cancels or leaves. */
  signal: AbortLike;
  /** Sends one progress notification with these params. A client that has gone misses it. */
  notifyProgress(params: JsonObject): void;
}

export function toClientRequest(
  request: JSONRPCRequest,
  { context, principal }: { context: ServerContext; principal: string },
): ClientRequest {
  const params: unknown = request.params;
  const known = isJsonObject(params) ? params : {};
  return {
    method: request.method,
    principal,
    params: known,
    ...progressTokenOf(known),
    signal: context.mcpReq.signal,
    notifyProgress(progress) {
      if (context.mcpReq.signal.aborted) return;
      const notification = { method: 'notifications/progress' as const, params: progress };
      context.mcpReq.notify(notification as Parameters<typeof context.mcpReq.notify>[0]).catch(() => {});
    },
  };
}

/** The token as a field to spread, absent where the client sent none. */
export function progressTokenOf(params: JsonObject): { progressToken?: string | number } {
  const token = isJsonObject(params['_meta']) ? params['_meta']['progressToken'] : undefined;
  return typeof token === 'string' || typeof token === 'number' ? { progressToken: token } : {};
}
