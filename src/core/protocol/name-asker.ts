import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { skeletonOf } from '../text/skeleton-of.ts';
import type { Question } from './client.ts';

/**
 * A server's question as the client gets it: as it is, unless its text passes itself off as one of ours. Then it says first whose it is,
 * so that nobody takes what a server wants to know for a question about an approval. By the looks of the text: invisible characters,
 * case, spacing and letters of other alphabets make no difference.
 */
export function nameAsker(question: Question, server: string): Question {
  const { method, params } = question;
  const { message } = params;
  if (method !== 'elicitation/create' || !imitatesUs(params)) return question;
  const text = typeof message === 'string' ? message : '';
  return { method, params: { ...params, message: `The server ${server} asks: ${text}` } };
}

/** The same for a modern server's result `input_required`, which a modern client gets as it is. Any other answer is the same object. */
export function nameAskerIn<Answer extends { ok: true; result: JsonObject } | { ok: false }>(
  answer: Answer,
  server: string,
): Answer {
  if (!answer.ok) return answer;
  const { resultType, inputRequests } = answer.result;
  if (resultType !== 'input_required' || !isJsonObject(inputRequests)) return answer;
  const requests = Object.entries(inputRequests).map(([key, request]) => [key, nameAskerOf(request, server)] as const);
  if (requests.every(([key, request]) => request === inputRequests[key])) return answer;
  return { ...answer, result: { ...answer.result, inputRequests: Object.fromEntries(requests) } };
}

function nameAskerOf(request: JsonValue | undefined, server: string): JsonValue | undefined {
  if (!isJsonObject(request)) return request;
  const { method, params } = request;
  if (typeof method !== 'string' || !isJsonObject(params)) return request;
  const named = nameAsker({ method, params }, server).params;
  return named === params ? request : { ...request, params: named };
}

// As they look without case, spaces and signs.
const ourName = 'mcpmarshal';
const ourWords = /needs?yourapproval/;
/** Of a line: our name alone, and what a question begins with that names its server. */
const ourOpenings = ['marshal', 'theserver'];
const ourTitles = new Set(['mayitrun', 'maytheyrun']);

function imitatesUs({ message, requestedSchema }: JsonObject): boolean {
  if (typeof message === 'string') {
    const whole = lettersOf(message);
    if (whole.includes(ourName) || ourWords.test(whole)) return true;
    const lines = message.split(/[\n\v\f\r\u0085\u2028\u2029]/).map((line) => lettersOf(line));
    if (lines.some((line) => ourOpenings.some((opening) => line.startsWith(opening)))) return true;
  }
  const fields = isJsonObject(requestedSchema) ? requestedSchema['properties'] : undefined;
  if (!isJsonObject(fields)) return false;
  return Object.values(fields).some((field) => {
    const title = isJsonObject(field) ? field['title'] : undefined;
    if (typeof title !== 'string') return false;
    const letters = lettersOf(title);
    return ourTitles.has(letters) || letters.includes(ourName);
  });
}

/** Numbers and signs before the first letter are none of it: some of them pass for letters. */
function lettersOf(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replace(/^[^\p{L}]+/u, '');
  return skeletonOf(plain)
    .toLowerCase()
    .replaceAll(/[^\p{L}]/gu, '');
}
