import type { AbortLike } from '../abort.ts';
import type { JsonObject } from '../json.ts';
import type { Reply } from './rpc.ts';

/** The two eras of MCP: up to 2025-11-25 a session is opened by a handshake; from 2026-07-28 on every request stands for itself. */
export type Era = 'legacy' | 'modern';

/** What a server wants of the client in front: `elicitation/create`, `sampling/createMessage`, `roots/list`, or anything else. */
export interface Question {
  method: string;
  params: JsonObject;
}

/** Puts a question to the client and resolves with its answer; never rejects. Aborting `signal` withdraws it. */
export type Ask = (question: Question, signal: AbortLike) => Promise<Reply>;

/** A notification as it came. */
export interface Notice {
  method: string;
  params: JsonObject;
}

/** The client in front, as far as servers have to do with it. */
export interface Client {
  /** One session, or one principal where there are none: what belongs to one id is never shown to another. */
  id: string;
  /** Who the client is to everything that belongs to a principal. Absent: its id. */
  principal?: string;
  era: Era;
  /** As the client declared them. Servers are told of them, less what cannot be carried through. */
  capabilities: JsonObject;
  /** For questions that belong to no request, such as `roots/list` after the opening. Absent where the client cannot be asked so. */
  ask?: Ask;
  /** Whether the id stands for several clients at once, whose requests must not meet in one session of a server. */
  isShared?: boolean;
}

/** What one request to a server brings with it beside its params. */
export interface RequestContext {
  /** Aborting it cancels the request at the server. */
  signal?: AbortLike | undefined;
  /** Gets the params of every progress notification, as they are, in order. Absent: no progress is asked for. */
  onProgress?: ((params: JsonObject) => void) | undefined;
  /** Gets the other notifications that belong to this request: log messages first of all, and what only the vendor knows. */
  onNotice?: ((notice: Notice) => void) | undefined;
  /** Answers the server's questions that belong to this request. Absent: they are refused. */
  ask?: Ask | undefined;
  /** The lowest level of log messages that the sender wants for this request; absent: that of its session. */
  logLevel?: string | undefined;
}
