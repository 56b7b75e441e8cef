import { isJsonObject, type JsonObject } from '../../../src/core/json.ts';
import { refusal, type Reply } from '../../../src/core/protocol/rpc.ts';
import { stubEngine, type StubEngine, type StubRequest } from '../stub-engine.ts';

/** What a server answers to one method: a result, an error, or whatever a function makes of the request. */
type Answer = JsonObject | Error | ((request: StubRequest) => Reply | Promise<Reply>);

/** A server that answers as told, and to nothing else. Its capabilities follow from what it answers, unless they are given. */
export interface Served {
  capabilities?: JsonObject;
  era?: 'legacy' | 'modern';
  answers?: Record<string, Answer>;
}

/** An engine in front of such servers. */
export function serving(servers: Record<string, Served>, options: Parameters<typeof stubEngine>[0] = {}): StubEngine {
  return stubEngine({
    servers: Object.keys(servers),
    offers: Object.fromEntries(
      Object.entries(servers).map(([server, { capabilities, era, answers = {} }]) => [
        server,
        { capabilities: capabilities ?? capabilitiesFor(Object.keys(answers)), ...(era && { era }) },
      ]),
    ),
    reply(request) {
      const answer = servers[request.server]?.answers?.[request.method];
      if (typeof answer === 'function') return answer(request);
      if (answer instanceof RpcFailure) return answer.reply;
      return answer === undefined || answer instanceof Error ? undefined : { ok: true, result: answer };
    },
    ...options,
  });
}

class RpcFailure extends Error {
  readonly reply: Reply;

  constructor(reply: Reply & { ok: false }) {
    super(reply.error.message);
    this.reply = reply;
  }
}

/** An answer that is an error. */
export function failing(code: number, message: string, data?: unknown): Error {
  return new RpcFailure(refusal(code, message, data));
}

/** The answer that stands for a server which is not there. */
export const away = failing(-32603, 'it is not available: gone', { code: 'server_unavailable' });

/** A server that never answers. */
export const hanging = (): Promise<Reply> => new Promise(() => {});

/** The entries of a list; fails where there is none. */
export function entriesIn(result: JsonObject, field: string): JsonObject[] {
  const list = result[field];
  if (!Array.isArray(list)) throw new Error(`expected a list of ${field}, got ${JSON.stringify(result)}`);
  return list.filter(isJsonObject);
}

/** The cursor of the next page; fails where there is none. */
export function cursorIn({ nextCursor }: JsonObject): string {
  if (typeof nextCursor !== 'string') throw new Error('expected another page');
  return nextCursor;
}

function capabilitiesFor(methods: readonly string[]): JsonObject {
  const names = methods.map((method) => method.split('/')[0] ?? method);
  return Object.fromEntries(names.map((name) => [name === 'completion' ? 'completions' : name, {}]));
}
