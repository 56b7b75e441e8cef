import { Aborter } from '../../../src/core/abort.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Notice, Question } from '../../../src/core/protocol/client.ts';
import type { Reply } from '../../../src/core/protocol/rpc.ts';
import type { ClientRequest } from '../../../src/serve/client-request.ts';
import { createSuspensions, type Suspensions } from '../../../src/serve/questions/suspensions.ts';
import { createVirtualClock, type VirtualClock } from '../../schedule/virtual-clock.ts';
import { silent } from '../../upstream/support.ts';
import { requestOf } from '../stub-engine.ts';

/** One request on its way, or back. */
export interface Exchange {
  result?: JsonObject;
  error?: { code?: number; message: string };
  /** Notifications that came with it. */
  notices: Notice[];
  /** The client cancels it. */
  cancel(): void;
}

/** Clients of the modern era in front of suspensions. */
export interface ModernClient {
  clock: VirtualClock;
  suspensions: Suspensions;
  /** As a server behind another proxy gets a request. */
  serve: (request: ClientRequest) => Promise<JsonObject>;
  send(params: JsonObject, changes?: Partial<ClientRequest>): Exchange;
  /** The same request again, with answers to what `asked` holds, by key; those left out are not answered. */
  comeBack(asked: Exchange, answers: JsonObject, changes?: Partial<ClientRequest> & { params?: JsonObject }): Exchange;
}

export const never = new Aborter();

const everything: JsonObject = { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {} };

export function createModernClient(
  handle: (request: ClientRequest) => Promise<JsonObject>,
  clock = createVirtualClock(),
): ModernClient {
  const suspensions = createSuspensions({ isShared: false, clock, logger: silent });
  const sent = new Map<Exchange, ClientRequest>();
  const serve = (request: ClientRequest, controller: AbortController, notices: Notice[]): Exchange => {
    const exchange: Exchange = { notices, cancel: () => controller.abort() };
    sent.set(exchange, request);
    suspensions.serve(request, handle).then(
      (result) => (exchange.result = result),
      (error: Error) => (exchange.error = error),
    );
    return exchange;
  };
  const send = (params: JsonObject, changes: Partial<ClientRequest> = {}): Exchange => {
    const controller = new AbortController();
    const notices: Notice[] = [];
    const own = { era: 'modern', capabilities: everything, signal: controller.signal } as const;
    const notify = (notice: Notice): void => void notices.push(notice);
    return serve(requestOf('tools/call', params, { ...own, notify, ...changes }), controller, notices);
  };
  return {
    clock,
    suspensions,
    serve: (request) => suspensions.serve(request, handle),
    send,
    comeBack(asked, answers, { params, ...changes } = {}) {
      const first = sent.get(asked)!;
      const { signal: _signal, notify: _notify, params: _params, ...rest } = first;
      const returned = { ...(params ?? first.params), inputResponses: answers, requestState: stateOf(asked) };
      return send(returned, { ...rest, ...changes });
    },
  };
}

/** What a client was asked, by key. */
export function askedOf({ result }: Exchange): Record<string, Question> {
  if (result?.['resultType'] !== 'input_required')
    throw new Error(`it was not asked anything: ${JSON.stringify(result)}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this is what the result holds, or the test fails on it
  return result['inputRequests'] as unknown as Record<string, Question>;
}

export function stateOf({ result }: Exchange): string {
  return JSON.stringify(result?.['requestState']).slice(1, -1);
}

/** A form with one message. */
export function form(message: string): Question {
  return { method: 'elicitation/create', params: { message, requestedSchema: { type: 'object', properties: {} } } };
}

export const accept = (value: string): JsonObject => ({ action: 'accept', content: { value } });

/** Puts the questions of each round together, and answers with what came back, round by round. */
export function asking(...rounds: Question[][]) {
  return async ({ ask }: ClientRequest): Promise<JsonObject> => {
    const replies: JsonObject[][] = [];
    for (const questions of rounds) {
      replies.push((await Promise.all(questions.map((question) => ask(question, never)))).map(toJson));
    }
    return { replies };
  };
}
function toJson(reply: Reply): JsonObject {
  return reply.ok ? { ...reply } : { ok: false, error: { code: reply.error.code, message: reply.error.message } };
}
/** What a server gets that has been answered so. */
export const answered = (value: string): Reply => ({ ok: true, result: accept(value) });
/** What a client was asked, by key: the messages alone. */
export const messagesOf = (exchange: Exchange): JsonObject =>
  Object.fromEntries(Object.entries(askedOf(exchange)).map(([key, question]) => [key, question.params['message']]));
