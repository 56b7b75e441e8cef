import type { AbortLike } from '../../../core/abort.ts';
import { isJsonObject } from '../../../core/json.ts';
import type { Ask, Question } from '../../../core/protocol/client.ts';
import { nameAsker } from '../../../core/protocol/name-asker.ts';
import { rpcCode, type RpcError } from '../../../core/protocol/rpc.ts';

/**
 * The questions in an error −32042, by which a legacy server says that the user has to open some URLs before the request can be
 * served (MCP 2025-11-25, URL mode elicitation). Empty for any other error, and for one that does not say which.
 */
export function urlQuestionsOf({ code, data }: RpcError): Question[] {
  const elicitations = code === rpcCode.urlElicitationRequired && isJsonObject(data) ? data['elicitations'] : undefined;
  if (!Array.isArray(elicitations) || !elicitations.every(isJsonObject)) return [];
  return elicitations.map((elicitation) => ({
    method: 'elicitation/create',
    params: { ...elicitation, mode: 'url' },
  }));
}

/** Puts them all at once. Whether the user agreed to every one of them. */
export async function areAccepted(
  questions: readonly Question[],
  { server, ask, signal }: { server: string; ask: Ask; signal: AbortLike },
): Promise<boolean> {
  const replies = await Promise.all(questions.map((question) => ask(nameAsker(question, server), signal)));
  return replies.every((reply) => reply.ok && reply.result['action'] === 'accept');
}
