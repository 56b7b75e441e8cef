import type { RequestId } from '../../../core/protocol/rpc.ts';
import { limits } from '../../limits.ts';

/**
 * The proxy's requests to the client that wait for an answer. A new session counts its ids from the start again: a question whose
 * id the client may still answer for a session that is gone is shown under another id, so that no answer reaches the wrong question.
 */
export interface Questions {
  /** The id under which the client is asked; `undefined` if too many are open. */
  ask(id: RequestId): RequestId | undefined;
  /** The proxy's id of the question that the client has answered; `undefined` if the session that asked is gone. */
  take(shownId: RequestId): RequestId | undefined;
  /** The id under which the client knows a question that the proxy withdraws. */
  shownAs(id: RequestId): RequestId | undefined;
  /** The session is gone: nobody wants the answers any more. Returns the ids that the client knows. */
  retire(): RequestId[];
}

export function createQuestions(): Questions {
  /** By the id that the client knows: that of the proxy. */
  let open = new Map<RequestId, RequestId>();
  let forgotten = new Set<RequestId>();
  let lastRenamed = 0;
  // Too many of the past to remember: then every question gets a name of its own.
  let renamesAll = false;

  const shownAs = (id: RequestId): RequestId | undefined => {
    if (open.get(id) === id) return id;
    for (const [shown, asked] of open) if (asked === id) return shown;
    return undefined;
  };

  return {
    ask(id) {
      if (open.size >= limits.maxQuestions) return undefined;
      const shown = renamesAll || forgotten.has(id) || open.has(id) ? `again:${++lastRenamed}:${id}` : id;
      open.set(shown, id);
      return shown;
    },
    take(shownId) {
      const id = open.get(shownId);
      open.delete(shownId);
      forgotten.delete(shownId);
      return id;
    },
    shownAs,
    retire() {
      const shown = [...open.keys()];
      open = new Map();
      forgotten = new Set([...forgotten, ...shown]);
      if (forgotten.size > limits.maxQuestions) {
        renamesAll = true;
        forgotten = new Set();
      }
      return shown;
    },
  };
}
