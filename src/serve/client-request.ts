import type { AbortLike } from '../core/abort.ts';
import { isJsonObject, type JsonObject } from '../core/json.ts';
import type { Ask, Era, Notice } from '../core/protocol/client.ts';
import type { ToolClass } from '../core/tool.ts';

/** A request of a client, without what belongs to the connection it came over. */
export interface ClientRequest {
  method: string;
  era: Era;
  /** Who the client is, as far as that decides what it may see: nobody reads the results of another. */
  principal: string;
  /** Who shares idempotency keys: this client, over its restarts, which make a new principal of it each time. */
  keyScope: string;
  /** As the client calls itself in `clientInfo`; absent where it does not. */
  clientName?: string;
  /** The classes of calls that the client's credentials allow. Absent: all. */
  scopes?: ReadonlySet<ToolClass>;
  /** What the client has declared that it can do. A server's question that needs more is refused, not put. */
  capabilities: JsonObject;
  /** As sent, except for what the protocol layer reserves for itself in `_meta`. */
  params: JsonObject;
  /** Under which the client wants to hear of progress; absent: it does not. */
  progressToken?: string | number;
  /** The lowest level of log messages that the client wants for this request. Modern clients say so with each; absent: none. */
  logLevel?: string;
  /** Aborted when the client cancels or leaves. */
  signal: AbortLike;
  /** Sends a notification that belongs to this request. A client that has gone misses it. */
  notify(notice: Notice): void;
  /**
   * Puts a server's question to the client: as a request where its era knows such, else as the result `input_required`, while
   * whatever serves this request runs on and waits. Questions that are put within one turn of the event loop go out together.
   */
  ask: Ask;
}

/** The token as a field to spread, absent where the client sent none. */
export function progressTokenOf(params: JsonObject): { progressToken?: string | number } {
  const token = isJsonObject(params['_meta']) ? params['_meta']['progressToken'] : undefined;
  return typeof token === 'string' || typeof token === 'number' ? { progressToken: token } : {};
}
