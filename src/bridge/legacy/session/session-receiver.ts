import type { AbortLike } from '../../../core/abort.ts';
import { rpcCode } from '../../../core/protocol/rpc.ts';
import { limits } from '../../limits.ts';
import { cancelledIdOf, isAnswer, isRequest, paramsOf, type Message, type Request } from '../../message.ts';
import type { Parts } from '../../parts.ts';
import type { Questions } from './questions.ts';
import type { SessionMemory } from './session-memory.ts';
import { headersOf, type Session } from './session.ts';

export interface SessionReceiverOptions extends Pick<Parts, 'desk' | 'wire'> {
  memory: SessionMemory;
  questions: Questions;
  signal: AbortLike;
}

/** Takes what the proxy sends, in a session if there is one; resolves when the next message may come. */
export type SessionReceiver = (session: Session | undefined, message: Message) => Promise<void>;

export function createSessionReceiver({
  desk,
  wire,
  memory,
  questions,
  signal,
}: SessionReceiverOptions): SessionReceiver {
  const askClient = async (session: Session | undefined, question: Request): Promise<void> => {
    // Nobody there could be given the answer.
    if (session?.isOver === true) return;
    const id = questions.ask(question.id);
    if (id !== undefined) return desk.deliver(id === question.id ? question : { ...question, id });
    const message = `the client has ${limits.maxQuestions} questions to answer already`;
    const answer = { jsonrpc: '2.0', id: question.id, error: { code: rpcCode.internalError, message } };
    void wire.post(answer, {
      headers: headersOf(session),
      signal: session?.over ?? signal,
      receive: () => Promise.resolve(),
    });
  };

  return (session, message) => {
    if (isRequest(message)) return askClient(session, message);
    if (isAnswer(message)) {
      const request = desk.find(message.id);
      if (request !== undefined) memory.note(request.message, message);
      return desk.deliver(message);
    }
    const cancelled = cancelledIdOf(message);
    const shown = cancelled === undefined ? undefined : questions.shownAs(cancelled);
    if (shown === undefined || shown === cancelled) return desk.deliver(message);
    return desk.deliver({ ...message, params: { ...paramsOf(message), requestId: shown } });
  };
}
