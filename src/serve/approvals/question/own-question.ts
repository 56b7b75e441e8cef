import type { Question } from '../../../core/protocol/client.ts';

/** By identity, so that no server can make its question look like one of ours. */
const own = new WeakSet<Question>();

/** The question as it is, known from now on as one that mcp-marshal itself asks. */
export function asOwn(question: Question): Question {
  own.add(question);
  return question;
}

/** Whether mcp-marshal asks this itself, about calls that need approval; else it is a server's. */
export function isOwn(question: Question): boolean {
  return own.has(question);
}
