import { Aborter } from '../core/abort.ts';
import { rpcCode, type RequestId } from '../core/protocol/rpc.ts';
import { limits } from './limits.ts';
import { isAnswer, type ErrorObject, type Message, type Request } from './message.ts';

/** A request of the client that has not been answered. */
export interface OpenRequest {
  readonly message: Request;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: Aborter;
  /** Whether it may have reached the proxy. */
  wasSent: boolean;
  /** The client has cancelled it: if it fails, nobody needs to know. */
  isCancelled: boolean;
  /** Resolves when the proxy has begun to answer, or nobody waits any more. */
  readonly arrival: Promise<void>;
  arrive(): void;
  /** Answers it with an error, if it has not been answered. */
  refuse(error: ErrorObject): void;
  /** The client does not wait for it any more: it is given up, without an answer. */
  drop(): void;
}

/** The client's requests and their answers: each gets one at most. */
export interface Desk {
  /** Takes a request in; `undefined` if it was refused. */
  open(message: Request): OpenRequest | undefined;
  find(id: RequestId): OpenRequest | undefined;
  /** Passes a message of the proxy on; answers that nobody waits for are passed over. Resolves when the client can take more. */
  deliver(message: Message): Promise<void>;
  /** Gives up all requests, without answers. */
  close(): void;
}

export function createDesk(send: (message: Message) => Promise<void>): Desk {
  const open = new Map<RequestId, OpenRequest>();

  const refuse = (id: RequestId, error: ErrorObject): Promise<void> => send({ jsonrpc: '2.0', id, error: error });

  return {
    open(message) {
      const { id } = message;
      if (open.has(id)) {
        void refuse(id, { code: rpcCode.invalidRequest, message: 'a request with this id is in flight already' });
        return undefined;
      }
      if (open.size >= limits.maxOpen) {
        const text = `${limits.maxOpen} requests are in flight already; this one was not sent`;
        void refuse(id, {
          code: rpcCode.internalError,
          message: text,
          data: { code: 'limit_exceeded', applied: 'no' },
        });
        return undefined;
      }
      let arrive = (): void => {};
      const arrival = new Promise<void>((resolve) => (arrive = resolve));
      const request: OpenRequest = {
        arrival,
        arrive,
        message,
        signal: new Aborter(),
        wasSent: false,
        isCancelled: false,
        refuse(error) {
          if (open.get(id) !== request) return;
          open.delete(id);
          arrive();
          if (!request.isCancelled) void refuse(id, error);
        },
        drop() {
          if (open.get(id) === request) open.delete(id);
          request.signal.abort();
          arrive();
        },
      };
      open.set(id, request);
      return request;
    },
    find: (id) => open.get(id),
    deliver(message) {
      if (isAnswer(message) && !open.delete(message.id)) return Promise.resolve();
      return send(message);
    },
    close() {
      for (const request of open.values()) request.drop();
    },
  };
}
