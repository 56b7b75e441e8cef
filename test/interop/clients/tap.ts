import { AsyncLocalStorage } from 'node:async_hooks';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { isJsonObject } from '../../../src/core/json.ts';
import type { Answer, Question } from './interop-client.ts';

/** As much of a transport as a tap needs; either SDK's has it. */
export interface Tappable<Message> {
  onmessage?: ((message: Message, extra?: never) => void) | undefined;
  send: (message: Message, options?: never) => Promise<void>;
}

/** Sees the messages of one connection as they come over the wire, whatever the SDK makes of them. Lives as long as the connection. */
export interface Tap {
  /** Runs a request of the SDK, and all that the SDK sends for it; resolves with the last response once the SDK has settled. */
  follow: (request: () => Promise<unknown>, onProgress?: (params: JsonObject) => void) => Promise<Followed>;
  heard: (method: string) => JsonObject[];
  asked: () => Question[];
}

export interface Followed {
  /** Absent if no response came. */
  answer: Answer | undefined;
  /** Why the SDK rejected, if it did. */
  rejection: Error | undefined;
}

/** One request of ours, with the repetitions that the SDK makes of it. */
interface Flow {
  answer: Answer | undefined;
  onProgress: ((params: JsonObject) => void) | undefined;
}

/** Taps a transport that an SDK client is connected to. */
export function tapTransport<Message>(transport: Tappable<Message>): Tap {
  const current = new AsyncLocalStorage<Flow>();
  const flows = new Map<JsonValue, Flow>();
  const notifications: { method: JsonValue; params: JsonObject }[] = [];
  const questions: Question[] = [];

  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    const sent = toJson(message);
    const flow = current.getStore();
    if (flow !== undefined && sent['method'] !== undefined && sent['id'] !== undefined) flows.set(sent['id'], flow);
    return send(message, options);
  };
  const handOn = transport.onmessage;
  transport.onmessage = (message, extra) => {
    const received = toJson(message);
    const { id, method } = received;
    const params = isJsonObject(received['params']) ? received['params'] : {};
    if (method !== undefined && id === undefined) {
      notifications.push({ method, params });
      if (method === 'notifications/progress') flows.get(params['progressToken'] ?? null)?.onProgress?.(params);
    } else if (typeof method === 'string') {
      if (asking.has(method)) questions.push({ method, params });
    } else if (id !== undefined) {
      const flow = flows.get(id);
      if (flow !== undefined) flow.answer = toAnswer(received);
      questions.push(...embeddedQuestions(received['result']));
      // What the SDK sends because of this response belongs to the same request.
      if (flow !== undefined) return current.run(flow, () => handOn?.(message, extra));
    }
    return handOn?.(message, extra);
  };

  return {
    async follow(request, onProgress) {
      const flow: Flow = { answer: undefined, onProgress };
      const rejection = await current.run(flow, request).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      );
      return { answer: flow.answer, rejection };
    },
    heard: (wanted) => notifications.filter(({ method }) => method === wanted).map(({ params }) => params),
    asked: () => questions,
  };
}

const asking: ReadonlySet<string> = new Set(['elicitation/create', 'sampling/createMessage', 'roots/list']);

/** In the modern era a question comes inside of a result. */
function embeddedQuestions(result: JsonValue | undefined): Question[] {
  if (!isJsonObject(result) || result['resultType'] !== 'input_required' || !isJsonObject(result['inputRequests'])) {
    return [];
  }
  return Object.values(result['inputRequests'])
    .filter(isJsonObject)
    .map(({ method, params }) => ({
      method: typeof method === 'string' ? method : '',
      params: isJsonObject(params) ? params : {},
    }));
}

function toAnswer({ result, error }: JsonObject): Answer {
  return isJsonObject(error) ? { error } : { result: isJsonObject(result) ? result : {} };
}

/** A copy: the SDKs change what they hand on. */
function toJson(message: unknown): JsonObject {
  const copy: JsonObject = JSON.parse(JSON.stringify(message));
  return copy;
}
