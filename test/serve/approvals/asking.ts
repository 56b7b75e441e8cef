import type { ApprovalDesk } from '../../../src/core/approval.ts';
import { isJsonObject, type JsonObject } from '../../../src/core/json.ts';
import type { Question } from '../../../src/core/protocol/client.ts';
import { refusal, type Reply } from '../../../src/core/protocol/rpc.ts';
import type { SendResult } from '../../../src/core/outcome.ts';
import type { ClientRequest } from '../../../src/serve/client-request.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { requestOf, stubEngine, type StubEngine } from '../stub-engine.ts';

/** A question that came to a client. */
export interface SeenQuestion {
  message: string;
  question: Question;
  isWithdrawn: boolean;
  answer: (reply: Reply) => void;
}

/** A question in the queue that somebody can answer. */
export interface SeenInQueue {
  id: string;
  callId: string;
  isKeyed: boolean;
  isLeft: boolean;
  isWithdrawn: boolean;
  answer: (answer: 'yes' | 'no') => void;
}

export interface Asking extends StubEngine {
  /** As they came, open or not. */
  asked: SeenQuestion[];
  queued: SeenInQueue[];
  /** Somebody watches the queue, or nobody does any more. */
  watch: (isWatched: boolean) => void;
  /** What reached the upstream: tools and their arguments, in order. */
  effects: () => string[];
  call: (name: string, args: JsonObject, changes?: Partial<ClientRequest>) => Promise<JsonObject>;
  batch: (
    calls: readonly JsonObject[],
    options?: { batch?: JsonObject; changes?: Partial<ClientRequest> },
  ) => Promise<JsonObject>;
  handle: (request: ClientRequest) => Promise<JsonObject>;
}

const tools = ['read', 'show', 'write', 'delete', 'merge'].map((name) => makeTool(name));
export const able: JsonObject = { elicitation: {} };

/**
 * Clients in front of one server: `delete` is destructive, `merge` a write and `show` a read that a rule asks about. A call takes as many milliseconds as
 * its `ms` says.
 */
export function asking(options: Parameters<typeof stubEngine>[0] = {}): Asking {
  const stub: StubEngine = stubEngine({
    tools,
    answer: ({ params }) =>
      new Promise<SendResult>((resolve) => {
        const { arguments: args } = params;
        const ms = isJsonObject(args) && typeof args['ms'] === 'number' ? args['ms'] : 1;
        const result = { content: [{ type: 'text', text: JSON.stringify(args) }] };
        stub.clock.after(ms, () => resolve({ ok: true, result }));
      }),
    ...options,
    policy: {
      read: ['read', 'show'],
      write: ['write', 'merge'],
      destructive: ['delete'],
      ask: ['merge', 'show'],
      tools: { read: { locks: 'none' }, show: { locks: 'none' }, delete: { locks: [{ arg: 'path', type: 'path' }] } },
      ...options.policy,
    },
  });
  const asked: SeenQuestion[] = [];
  const queued: SeenInQueue[] = [];
  let isWatched = false;
  const unwatched = new Set<() => void>();
  const { approvals: own } = stub.engine;
  const desk: ApprovalDesk = {
    ...own,
    isWatched: () => isWatched,
    onUnwatched(listener) {
      unwatched.add(listener);
      return () => unwatched.delete(listener);
    },
    enqueue(owner, subject, from) {
      const question = own.enqueue(owner, subject, from);
      if (question === undefined) return undefined;
      let settle: (answer: 'yes' | 'no' | 'expired') => void = () => {};
      const answered = new Promise<'yes' | 'no' | 'expired'>((resolve) => (settle = resolve));
      void question.answer.then(settle);
      const seen: SeenInQueue = {
        id: question.id,
        callId: from.callId,
        isKeyed: from.isKeyed === true,
        isLeft: false,
        isWithdrawn: false,
        answer(answer) {
          if (answer === 'yes') own.approve(owner, subject);
          settle(answer);
        },
      };
      queued.push(seen);
      const leave = (): void => {
        seen.isLeft = true;
        question.leave();
      };
      const withdraw = (): void => {
        seen.isWithdrawn = true;
        question.withdraw();
      };
      return { id: question.id, answer: answered, withdraw, leave };
    },
  };
  stub.engine.approvals = desk;

  const requestFor = (params: JsonObject, changes: Partial<ClientRequest> = {}): ClientRequest =>
    requestOf('tools/call', params, {
      capabilities: able,
      ask: (question, signal) =>
        new Promise((resolve) => {
          const seen: SeenQuestion = {
            message: textOf(question.params['message']),
            question,
            isWithdrawn: false,
            answer: resolve,
          };
          asked.push(seen);
          const withdraw = (): void => {
            seen.isWithdrawn = true;
            resolve(refusal(-32603, 'withdrawn'));
          };
          signal.addEventListener('abort', withdraw, { once: true });
        }),
      ...changes,
    });
  const call: Asking['call'] = (name, args, changes) =>
    handleRequest(stub.engine, requestFor({ name, arguments: args }, changes));

  return {
    ...stub,
    asked,
    queued,
    watch(is) {
      isWatched = is;
      if (!is) for (const listener of unwatched) listener();
    },
    effects: () => stub.sent.map(({ tool, params }) => `${tool} ${JSON.stringify(params['arguments'])}`),
    call,
    batch: (calls, { batch, changes } = {}) =>
      call('batch_call', { calls: [...calls], format: 'structured', ...batch }, changes),
    handle: (request) => handleRequest(stub.engine, request),
  };
}

export function deleteOf(path: string, more: JsonObject = {}): JsonObject {
  return { tool: 'files__delete', arguments: { path }, ...more };
}

export function decided(decision: string, ticks: JsonObject = {}): Reply {
  return { ok: true, result: { action: 'accept', content: { decision, ...ticks } } };
}

export const yes = decided('yes');

interface Row {
  id: string;
  status: string;
  error?: { code: string; message: string; retryable: boolean };
  waitsFor?: string;
}

export function rowsOf(reply: JsonObject): Row[] {
  const { structuredContent } = reply;
  const rows: { results: Row[] } = JSON.parse(JSON.stringify(structuredContent));
  return rows.results;
}

/** How each call ended, and its code where it has one: `ok`, `denied approval_declined`. */
export function endsOf(reply: JsonObject): string[] {
  return rowsOf(reply).map(({ status, error }) => (error === undefined ? status : `${status} ${error.code}`));
}

export function messageOf(reply: JsonObject, index = 0): string {
  return rowsOf(reply)[index]?.error?.message ?? '';
}

/** A text as it is; anything else would not have been shown. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
