import type { JsonObject } from '../../core/json.ts';
import { isJsonObject, isTooDeep } from '../../core/json.ts';
import type { Ask, Question } from '../../core/protocol/client.ts';
import type { Reply, RequestId, RpcError } from '../../core/protocol/rpc.ts';
import { refusal, rpcCode } from '../../core/protocol/rpc.ts';
import type { OpenRequest, RequestOwner } from './open-requests.ts';
import { ownersOf, soleOwned } from './open-requests.ts';

/** A question of a server, and who it may be for. */
export interface ServerQuestion extends Question {
  /** Puts it to whoever sent the request that it belongs to; absent where that is not known, or cannot be asked. */
  ask?: Ask | undefined;
  /** The owners of the requests that it may belong to, each once; none where no request is open. */
  owners: readonly RequestOwner[];
}

/** Answers a question; never rejects. The signal is aborted when the server withdraws it or goes. */
export type AnswerQuestion = (question: ServerQuestion, signal: AbortSignal) => Promise<Reply>;

export interface ServerQuestions {
  /** Answers a request of the server. */
  take(message: { id: RequestId; method: string; params?: unknown }): void;
  /** The server withdraws a question. `false`: there is none under this id. */
  withdraw(id: unknown): boolean;
  /** A request of ours was cancelled: what the server asked for its sake is not wanted any more. */
  forgetRequest(request: OpenRequest): void;
  /** The connection has ended. */
  close(): void;
}

export interface ServerQuestionsOptions {
  /** The open requests that the message being received may belong to. */
  inQuestion: () => readonly OpenRequest[];
  /** Whether it was cancelled: nobody waits for what is asked for its sake. */
  isForsaken: (request: OpenRequest) => boolean;
  onQuestion: AnswerQuestion | undefined;
  /** Sends an answer; rejects where that is not possible. */
  send: (answer: { id: RequestId } & ({ result: JsonObject } | { error: RpcError })) => Promise<void>;
}

/** Questions open at a time on one connection: far more than people answer, and few enough for a server gone wild. */
const maxOpen = 100;

interface OpenQuestion {
  controller: AbortController;
  request: OpenRequest | undefined;
  isWithdrawn: boolean;
}

/** Requests of a server to its client, answered with what the client in front answers, untouched. */
export function createServerQuestions(options: ServerQuestionsOptions): ServerQuestions {
  const { inQuestion, isForsaken, onQuestion, send } = options;
  const open = new Map<RequestId, OpenQuestion>();

  const answer = (id: RequestId, reply: Reply): void => {
    // An answer that cannot be written down must not leave the server waiting. One that cannot be delivered is lost either way.
    const apology = { code: rpcCode.internalError, message: 'the answer could not be sent' };
    const sent = send(reply.ok ? { id, result: reply.result } : { id, error: reply.error });
    sent.catch(() => send({ id, error: apology }).catch(() => {}));
  };

  const put = async (id: RequestId, { method, params }: Question): Promise<void> => {
    const requests = inQuestion();
    const isLate = requests.length > 0 && requests.every(isForsaken);
    if (isLate && method !== rootsMethod) return answer(id, refuse('its request was cancelled'));
    // One that is asking already waits for its answer; it may be of a client that will never come back with one.
    const asking = new Set([...open.values()].map((question) => question.request));
    const free = requests.filter((candidate) => !asking.has(candidate));
    const request = isLate ? undefined : soleOwned((free.length > 0 ? free : requests).toReversed());
    const question: OpenQuestion = { controller: new AbortController(), request, isWithdrawn: false };
    open.set(id, question);
    const asked: ServerQuestion = { method, params, owners: ownersOf(requests), ask: request?.context.ask };
    const reply = await (onQuestion ?? askOrRefuse)(asked, question.controller.signal);
    open.delete(id);
    // To a withdrawn question no answer is sent (MCP, cancellation).
    if (!question.isWithdrawn) answer(id, reply);
  };

  return {
    take({ id, method, params = {} }) {
      if (open.has(id)) return;
      if (open.size >= maxOpen) return answer(id, refuse(`more than ${maxOpen} questions are open on this connection`));
      if (!isJsonObject(params)) return answer(id, refusal(rpcCode.invalidParams, 'the params are not an object'));
      if (isTooDeep(params)) return answer(id, refuse('the question is nested too deep to be passed on'));
      void put(id, { method, params });
    },
    withdraw(id) {
      const question = typeof id === 'string' || typeof id === 'number' ? open.get(id) : undefined;
      if (question === undefined) return false;
      question.isWithdrawn = true;
      question.controller.abort();
      return true;
    },
    forgetRequest(request) {
      for (const question of open.values()) if (question.request === request) question.controller.abort();
    },
    close() {
      for (const question of open.values()) {
        question.isWithdrawn = true;
        question.controller.abort();
      }
    },
  };
}

/** Asked when the roots have changed, be a request open or not. */
const rootsMethod = 'roots/list';

const askOrRefuse: AnswerQuestion = ({ ask, method, params }, signal) =>
  ask?.({ method, params }, signal) ?? Promise.resolve(refuse('nobody can be asked'));

function refuse(reason: string): Reply {
  return refusal(rpcCode.internalError, reason);
}
