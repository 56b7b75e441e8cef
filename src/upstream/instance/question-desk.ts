import type { Client } from '../../core/protocol/client.ts';
import { nameAsker } from '../../core/protocol/name-asker.ts';
import type { Reply } from '../../core/protocol/rpc.ts';
import { refusal, rpcCode } from '../../core/protocol/rpc.ts';
import type { Logger } from '../../lib/logger.ts';
import type { AnswerQuestion } from '../peer/server-questions.ts';
import { canAnswer } from './capabilities.ts';

export interface QuestionDeskOptions {
  /** The server that asks. */
  server: string;
  logger: Logger;
  /** The clients that the connection serves. */
  clients: () => readonly Client[];
  /** It asks clients, of whom this one may be asked: from now on the connection is its own, unless several come under its id. */
  onAsk: (client: Client) => void;
  /** A client is about to answer, and the server to remember what it says. */
  onPut: () => void;
  /** It asks something, and it is not known whom. */
  onAmbiguous: () => void;
  /** A question that belongs to no request found nobody: who comes later would have had an answer. */
  onMissed: () => void;
}

/** Finds out which client a server's question is for, and puts it to that one: never to another, and to none where that is not sure. */
export function createQuestionDesk(options: QuestionDeskOptions): AnswerQuestion {
  const { server, logger, clients, onAsk, onPut, onAmbiguous, onMissed } = options;
  let hasWarned = false;

  const refuseAmbiguous = (): Reply => {
    onAmbiguous();
    const reason = 'cannot tell which client it is for';
    if (!hasWarned)
      logger.warn({}, `asks a question, but one ${reason}; from now on each client gets its own connection`);
    hasWarned = true;
    return refuse(`${reason}; mcp-marshal gives each client its own connection to this server from now on`);
  };

  return async ({ ask, owners, ...question }, signal) => {
    const candidates = owners.length > 0 ? owners.map(({ client }) => client) : clients();
    const able = candidates.filter((client) => canAnswer(client, question.method));
    const [client] = able;
    if (client === undefined) {
      if (candidates.length === 0) onMissed();
      return refusal(rpcCode.methodNotFound, `the client does not offer ${question.method}`);
    }
    if (able.length > 1) {
      if (owners.length === 0) onMissed();
      return refuseAmbiguous();
    }
    onAsk(client);
    const put = ask ?? client.ask;
    if (put === undefined) return refuse('the client can be asked during its requests alone');
    onPut();
    return put(nameAsker(question, server), signal);
  };
}

function refuse(reason: string): Reply {
  return refusal(rpcCode.internalError, reason);
}
