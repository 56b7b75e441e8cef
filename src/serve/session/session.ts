import type { AbortLike } from '../../core/abort.ts';
import type { JsonObject } from '../../core/json.ts';
import type { RequestId } from '../../core/protocol/rpc.ts';
import type { ToolClass } from '../../core/tool.ts';

/** Where a session's messages to its client go. Sending never throws: a client that has gone misses what it is sent. */
export interface Outlet {
  /**
   * @param related the client's open request that the message belongs to, or answers. Over HTTP it goes to that request's stream;
   * without one it goes to the stream that the client keeps open for everything else.
   */
  send(message: JsonObject, related?: RequestId): void;
  /** The client has cancelled this request: no answer will come, and a stream of its own ends here. */
  endWithoutAnswer?(related: RequestId): void;
}

/** One client of the legacy era, from its `initialize` on. */
export interface LegacySession {
  /**
   * Takes a message of the client: anything that is a JSON object. Never throws.
   * @param scopes the classes of calls that the credentials shown with this message allow; absent: all
   */
  receive(message: JsonObject, scopes?: ReadonlySet<ToolClass>): void;
  /** The client has gone: what it has in flight is cancelled, what is held for it is given back. */
  close(): void;
}

/** One request or notification of a modern client and the way back. Its stream ends with the answer. */
export interface Exchange {
  principal: string;
  /** The classes of calls that the credentials shown with it allow. Absent: all. */
  scopes?: ReadonlySet<ToolClass>;
  /**
   * Sends a notification that belongs to the request, or its answer, which is the last message. `httpStatus` is set for an answer
   * that the protocol wants under another status than 200 (MCP 2026-07-28, Streamable HTTP).
   */
  send(message: JsonObject, hint?: { httpStatus: number }): void;
  /** Aborted when the client closes the stream, or cancels the request where streams are shared. */
  signal: AbortLike;
}

/** The clients of the modern era of one transport: without sessions, told apart by their principal alone. */
export interface ModernClients {
  /** Takes a message whose `_meta` names a modern revision, or that a header calls modern. Never throws. */
  receive(message: JsonObject, exchange: Exchange): void;
  /** A principal may not be here any more: what runs on for it without a request, and what waits for it, ends. */
  leave(principal: string): void;
  /** Ends every open subscription with its result, and gives back what is held. */
  close(): void;
}
