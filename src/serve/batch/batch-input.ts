import type { AbortLike } from '../../core/abort.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Ask, Era, Notice } from '../../core/protocol/client.ts';
import type { ToolClass } from '../../core/tool.ts';
import type { OpenBatch } from './book/open-batch.ts';

/** A batch as it comes from a client or a shell. */
export interface BatchInput {
  /** The arguments of `batch_call` or `batch_read`; anything, until parsed. */
  input: unknown;
  /** `batch_read`: refuse the whole batch if a call is more than a read. */
  readOnly?: boolean;
  /** How it came, for the journal: the name of the tool that was called, or `call` from a shell. Absent: what it is. */
  tool?: string;
  /** Who may come back to it with `batch_await`. Absent: nobody, and so it ends at its deadline. */
  principal?: string;
  /** Who shares idempotency keys with it: one client, over its restarts. Absent: whoever uses no client. */
  keyScope?: string;
  /** The classes of calls that its client's credentials allow. Absent: all. */
  scopes?: ReadonlySet<ToolClass>;
  /** What its client has declared that it can do: whether its user can be asked through it. Absent: nothing. */
  capabilities?: JsonObject;
  signal?: AbortLike;
  /** Sent with each call: trace context, which is continued towards upstreams. */
  meta?: JsonObject;
  /** How the client is asked: as requests in their own right, or with the batch's answer (`ClientRequest.ask`). Absent: legacy. */
  era?: Era;
  /** Puts a question of a call's server to the client. Absent: there is nobody to ask, and servers are told so. */
  ask?: Ask;
  /** Gets what servers tell in the middle of a call, log messages first of all. */
  onNotice?: (notice: Notice) => void;
  /** The lowest level of log messages that the client wants of these calls. */
  logLevel?: string;
  /** Called as each call ends, with how many have. */
  onProgress?: (progress: BatchProgress) => void;
  /** Its client can follow it as a task, and so be asked and told until it has ended. Absent: it cannot. */
  task?: TaskWish;
}

/** What a client gets that follows a batch as a task of the protocol. */
export interface TaskWish {
  /** Whether it gets that at once; else in the place of a reply with calls that have not ended. */
  isAtOnce: boolean;
  /** Makes a task of the batch; what is returned is the answer. */
  take(batch: OpenBatch): JsonObject;
}

/** One rising counter over a batch. */
export interface BatchProgress {
  done: number;
  total: number;
  message: string;
  /** The call that ended last. */
  id?: string;
}

/** Those who use no client, a shell or a program with the library, are one principal to the journal, and share their keys. */
export const localPrincipal = 'local';
