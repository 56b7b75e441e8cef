import type { RequestId } from '../../../core/protocol/rpc.ts';
import { limits } from '../../limits.ts';

/**
 * The proxy's requests to the client that wait for an answer. A new session counts its ids from the start again: a question whose
 * id the client may still answer for a session that is gone is shown under another id, so that no answer reaches the wrong question.
 */
export interface Questions {
  /** The id under which the client is asked. Of too many that wait the oldest is given up. */
  ask(id: RequestId): RequestId;
  /** The proxy's id of the question that the client has answered; `undefined` if nobody wants the answer any more. */
  take(shownId: RequestId): RequestId | undefined;
  /** The proxy does not ask any more. Returns the id that the client knows; `undefined` if it has answered. */
  withdraw(id: RequestId): RequestId | undefined;
  /** The session is gone: nobody wants the answers any more. Returns the ids that the client knows. */
  retire(): RequestId[];
}

export function createQuestions(): Questions {
  /** By the id that the client knows: that of the proxy. */
  const open = new Map<RequestId, RequestId>();
  const forgotten = new Set<RequestId>();
  let lastRenamed = 0;
  // Too many of the past to remember: then every question gets a name of its own.
  let renamesAll = false;

  const forget = (shownId: RequestId): void => {
    open.delete(shownId);
    forgotten.add(shownId);
    if (forgotten.size <= limits.maxQuestions) return;
    renamesAll = true;
    forgotten.clear();
  };

  return {
    ask(id) {
      const [oldest] = open.keys();
      if (open.size >= limits.maxQuestions && oldest !== undefined) forget(oldest);
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
    withdraw(id) {
      const shown = [...open].find(([, asked]) => asked === id)?.[0];
      if (shown !== undefined) forget(shown);
      return shown;
    },
    retire() {
      const shown = [...open.keys()];
      for (const id of shown) forget(id);
      return shown;
    },
  };
}
