import type { Ask } from '../../core/protocol/client.ts';
import { refusal, rpcCode, type Reply, type RequestId } from '../../core/protocol/rpc.ts';
import type { Outlet } from './session.ts';

/** Questions that a client may leave open: far more than a person or a model can answer, and few enough to be held. */
const maxOpen = 1000;

/** Questions of servers on their way to one client and back, as requests. */
export interface OpenQuestions {
  /** Puts questions that belong to the client's request `related`, or to none. */
  askFor(related: RequestId | undefined): Ask;
  /** Takes an answer of the client; one that nobody waits for any more is passed over. */
  answer(id: RequestId, reply: Reply): void;
  /** The client has gone: what is open is refused, as is everything that is asked from now on. */
  close(): void;
}

export function createOpenQuestions(outlet: Outlet): OpenQuestions {
  const open = new Map<RequestId, (reply: Reply) => void>();
  let lastId = 0;
  let isClosed = false;

  return {
    askFor: (related) => (question, signal) => {
      if (isClosed || signal.aborted) return Promise.resolve(gone);
      if (open.size >= maxOpen) {
        const reason = `the client has ${maxOpen} questions open`;
        return Promise.resolve(refusal(rpcCode.internalError, reason));
      }
      // Numbers, as every SDK's servers use them: some clients know no other ids.
      const id = ++lastId;
      return new Promise((resolve) => {
        const settle = (reply: Reply): void => {
          if (!open.delete(id)) return;
          signal.removeEventListener('abort', onAbort);
          resolve(reply);
        };
        const onAbort = (): void => {
          settle(gone);
          const params = { requestId: id, reason: 'the server does not need the answer any more' };
          outlet.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params }, related);
        };
        open.set(id, settle);
        signal.addEventListener('abort', onAbort, { once: true });
        outlet.send({ jsonrpc: '2.0', id, method: question.method, params: question.params }, related);
      });
    },
    answer: (id, reply) => open.get(id)?.(reply),
    close() {
      isClosed = true;
      for (const settle of open.values()) settle(gone);
    },
  };
}

const gone = refusal(rpcCode.internalError, 'the client has gone, or the question was withdrawn');
