import type { Client } from '@modelcontextprotocol/client';
import { ProtocolError } from '@modelcontextprotocol/client';
import { isJsonObject } from '../../core/json.ts';
import type { AnswerQuestion } from '../peer/server-questions.ts';

export interface EarlyQuestionsOptions {
  onQuestion: AnswerQuestion | undefined;
  /** Aborted with the connection. */
  signal: AbortSignal;
}

/**
 * Has an SDK client answer what a server asks before our own peer is there. Some ask for the roots as soon as they are opened, and
 * over SSE that comes before the opening has ended for the client.
 */
export function answerEarlyQuestions(client: Client, { onQuestion, signal }: EarlyQuestionsOptions): void {
  if (onQuestion === undefined) return;
  client.fallbackRequestHandler = async ({ method, params }) => {
    const question = { method, params: isJsonObject(params) ? params : {}, owners: [] };
    const reply = await onQuestion(question, signal);
    if (reply.ok) return reply.result;
    throw new ProtocolError(reply.error.code, reply.error.message, reply.error.data);
  };
}
