import { randomUUID } from 'node:crypto';
import { Aborter, type AbortLike } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Ask, Era, Question } from '../../core/protocol/client.ts';
import { nameAsker } from '../../core/protocol/name-asker.ts';

/** An answer of a server, as `Reply` and `SendResult` have it. */
type Answer = { ok: true; result: JsonObject } | { ok: false };

export interface InputResolution<Sent extends Answer> {
  /** Who asks. */
  server: string;
  /** The params that were sent. */
  params: JsonObject;
  /** Sends the request again, with what the client has answered. */
  send: (params: JsonObject) => Promise<Sent>;
  client: { era: Era; ask: Ask };
  /** Aborted when nobody waits for the result any more. */
  signal: AbortLike;
  clock: Clock;
  /** What the request ends as where the server does not get what it wants: an `isError` result for a call, an error for all others. */
  fail: (message: string) => Sent;
}

/** As many as the SDK's client allows for a server that never has enough. */
const maxRounds = 10;
/** A server that only wants to be asked again is not asked more often than this. */
const pacingMs = 250;

/**
 * Gives a modern server what it asks for with `input_required`: the questions go to the client, the answers with the request to the
 * server, until that has a result. For whoever cannot pass the result on: a legacy client, and any batch. An answer that asks for
 * nothing comes back as it is. One refused question ends it, and the others of its round are withdrawn.
 */
export async function resolveInput<Sent extends Answer>(first: Sent, resolution: InputResolution<Sent>): Promise<Sent> {
  const { params, send, clock, signal, fail } = resolution;
  let answer = first;
  for (let round = 1; answer.ok && isInputRequired(answer.result); round++) {
    if (round > maxRounds) return fail(`the server still asked for more after ${maxRounds} rounds of questions`);
    const { inputRequests, requestState } = answer.result;
    const questions = readQuestions(inputRequests);
    if (typeof questions === 'string') return fail(questions);
    if (questions.length === 0 && requestState === undefined)
      return fail('the server asks for input and does not say for what');
    const answered = questions.length === 0 ? await pause(clock) : await askAll(questions, resolution);
    if (typeof answered === 'string') return fail(answered);
    if (signal.aborted) return fail('cancelled while its server waited for the client');
    answer = await send({
      ...params,
      ...(questions.length > 0 && { inputResponses: answered }),
      ...(requestState !== undefined && { requestState }),
    });
  }
  return answer;
}

/** Whether a result says that its server needs something of the client first (MCP 2026-07-28, multi round-trip requests). */
export function isInputRequired(result: JsonObject): boolean {
  return result['resultType'] === 'input_required';
}

type KeyedQuestion = readonly [key: string, question: Question];

/** The questions, or what is wrong with them. */
function readQuestions(inputRequests: JsonValue | undefined): KeyedQuestion[] | string {
  if (inputRequests === undefined) return [];
  if (!isJsonObject(inputRequests)) return 'the server asks for input in a form that is none';
  const questions: KeyedQuestion[] = [];
  for (const [key, request] of Object.entries(inputRequests)) {
    if (!isJsonObject(request) || typeof request['method'] !== 'string') {
      return `the server asks for "${key}" in a form that is none`;
    }
    const { method, params } = request;
    questions.push([key, { method, params: isJsonObject(params) ? params : {} }]);
  }
  return questions;
}

/** The answers by key, or why there is one missing. */
async function askAll(
  questions: readonly KeyedQuestion[],
  { server, client, signal }: Pick<InputResolution<Answer>, 'server' | 'client' | 'signal'>,
): Promise<JsonObject | string> {
  const round = new Aborter();
  const withdraw = (): void => round.abort();
  signal.addEventListener('abort', withdraw, { once: true });
  if (signal.aborted) withdraw();
  let failure: string | undefined;
  const answers = await Promise.all(
    questions.map(async ([key, question]): Promise<[string, JsonObject]> => {
      const named = nameAsker(question, server);
      const reply = await client.ask(client.era === 'legacy' ? toLegacyQuestion(named) : named, round);
      if (reply.ok) return [key, reply.result];
      failure ??= `the server needs an answer to ${question.method}, and the client gave none: ${reply.error.message}`;
      round.abort();
      return [key, {}];
    }),
  );
  signal.removeEventListener('abort', withdraw);
  return failure ?? Object.fromEntries(answers);
}

/** Up to 2025-11-25 a client is asked to open a URL under an id, which the modern era has no more. */
function toLegacyQuestion(question: Question): Question {
  const { method, params } = question;
  if (method !== 'elicitation/create' || params['mode'] !== 'url' || params['elicitationId'] !== undefined)
    return question;
  return { method, params: { ...params, elicitationId: randomUUID() } };
}

function pause(clock: Clock): Promise<JsonObject> {
  return new Promise((resolve) => clock.after(pacingMs, () => resolve({})));
}
