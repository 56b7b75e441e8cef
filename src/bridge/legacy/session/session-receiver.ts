import { cancelledIdOf, isAnswer, isRequest, paramsOf, type Message, type Request } from '../../message.ts';
import type { Parts } from '../../parts.ts';
import type { Questions } from './questions.ts';
import type { SessionMemory } from './session-memory.ts';
import type { Session } from './session.ts';

export interface SessionReceiverOptions extends Pick<Parts, 'desk'> {
  memory: SessionMemory;
  questions: Questions;
}

/** Takes what the proxy sends, in a session if there is one; resolves when the next message may come. */
export type SessionReceiver = (session: Session | undefined, message: Message) => Promise<void>;

export function createSessionReceiver({ desk, memory, questions }: SessionReceiverOptions): SessionReceiver {
  const askClient = (session: Session | undefined, question: Request): Promise<void> => {
    // Nobody there could be given the answer.
    if (session?.isOver === true) return Promise.resolve();
    const id = questions.ask(question.id);
    return desk.deliver(id === question.id ? question : { ...question, id });
  };

  return (session, message) => {
    if (isRequest(message)) return askClient(session, message);
    if (isAnswer(message)) {
      const request = desk.find(message.id);
      if (request !== undefined) memory.note(request.message, message);
      return desk.deliver(message);
    }
    const withdrawn = cancelledIdOf(message);
    const shown = withdrawn === undefined ? undefined : questions.withdraw(withdrawn);
    if (shown === undefined || shown === withdrawn) return desk.deliver(message);
    return desk.deliver({ ...message, params: { ...paramsOf(message), requestId: shown } });
  };
}
