import type { AbortLike } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Ask, Era } from '../../../core/protocol/client.ts';
import type { RpcError } from '../../../core/protocol/rpc.ts';
import { isInputRequired, resolveInput } from '../resolve-input.ts';
import { areAccepted, urlQuestionsOf } from './url-elicitation.ts';

/** What the client can do something with itself, and gets as it is. */
export interface PassedOn {
  /** A modern server's result `input_required`. */
  inputRequired: boolean;
  /** A legacy server's error −32042: the user has to open some URLs first. */
  urlRequired: boolean;
}

/** What a client's own request brings back to it: whatever its era knows. */
export function passedOnTo(client: Era): PassedOn {
  return { inputRequired: client === 'modern', urlRequired: client === 'legacy' };
}

export interface Satisfaction<Sent> {
  server: string;
  /** The params that were sent. */
  params: JsonObject;
  sendAgain: (params: JsonObject) => Promise<Sent>;
  client: { era: Era; ask: Ask };
  passesOn: PassedOn;
  /** Looked at only where a result seems to want something: a legacy server's means nothing by it. */
  serverEra: () => Era | undefined;
  signal: AbortLike;
  clock: Clock;
  fail: (message: string) => Sent;
  /** The server's own error in an answer that is one. */
  errorOf: (answer: Sent) => RpcError | undefined;
}

type Answer = { ok: true; result: JsonObject } | { ok: false };

/** Whether an answer may want something that the client would not understand. Most do not, and shall cost no more than this look. */
export function mayWant(answer: Answer, passesOn: PassedOn): boolean {
  return answer.ok ? !passesOn.inputRequired && isInputRequired(answer.result) : !passesOn.urlRequired;
}

/**
 * Sees to what a server wants of the client before it serves a request, where the client cannot be told: with its answers the
 * request is sent again. What the client refuses stays as the server has put it, or fails.
 */
export async function satisfyServer<Sent extends Answer>(answer: Sent, wants: Satisfaction<Sent>): Promise<Sent> {
  const { server, params, sendAgain, client, signal } = wants;
  if (!mayWant(answer, wants.passesOn)) return answer;
  if (answer.ok) return wants.serverEra() === 'legacy' ? answer : resolveInput(answer, { ...wants, send: sendAgain });
  const error = wants.errorOf(answer);
  const questions = error === undefined ? [] : urlQuestionsOf(error);
  if (questions.length === 0 || !(await areAccepted(questions, { server, ask: client.ask, signal }))) return answer;
  return signal.aborted ? answer : sendAgain(params);
}
