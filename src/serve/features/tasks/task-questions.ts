import { Aborter, type AbortLike } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import { isJsonObject, type JsonObject } from '../../../core/json.ts';
import type { Ask, Question } from '../../../core/protocol/client.ts';
import { refusal, rpcCode, type Reply } from '../../../core/protocol/rpc.ts';

/** More than anybody answers in one dialogue, and few enough for one answer to carry. */
const maxOpen = 32;
/** A person who is asked may think for this long. A batch stands still for its questions, and nobody may ever look at its task. */
const answerMs = 10 * 60_000;

/** What the servers of a task's calls ask of its client, who is not there all the time. */
export interface TaskQuestions {
  /** Keeps a question until it is answered; refuses it where nobody does in time. */
  ask: Ask;
  isOpen(): boolean;
  /** A request waits for the task: what is open goes out through it, and what comes. Returns what ends that; what is open then waits on. */
  putThrough(ask: Ask): () => void;
  /** What is open, by keys that never mean another question (MCP tasks extension, `inputRequests`). */
  requests(): JsonObject;
  /** Answers by key; keys that are not open are passed over. */
  answer(responses: JsonObject): void;
  /** Calls `listener` when a question has come or gone. */
  onChange(listener: () => void): void;
}

interface OpenQuestion {
  question: Question;
  settle: (reply: Reply) => void;
  /** Withdraws it from the request that it went out through. */
  withdraw: Aborter | undefined;
}

export function createTaskQuestions({ clock }: { clock: Clock }): TaskQuestions {
  const open = new Map<string, OpenQuestion>();
  const lines: Ask[] = [];
  const listeners = new Set<() => void>();
  let lastKey = 0;
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  /** To whoever came last: of a stream that has broken nothing may ever be heard. */
  const put = (one: OpenQuestion): void => {
    one.withdraw?.abort();
    one.withdraw = undefined;
    const line = lines.at(-1);
    if (line === undefined) return;
    const withdraw = new Aborter();
    one.withdraw = withdraw;
    void line(one.question, withdraw).then((reply) => {
      if (one.withdraw === withdraw) one.settle(reply);
    });
  };

  return {
    ask(question, signal) {
      if (signal.aborted) return Promise.resolve(withdrawn);
      if (open.size >= maxOpen) {
        return Promise.resolve(refusal(rpcCode.internalError, `the task has ${maxOpen} questions open`));
      }
      return new Promise((resolve) => {
        const one: OpenQuestion = { question, settle: () => {}, withdraw: undefined };
        const key = `q${++lastKey}`;
        const giveUp = (): void => one.settle(withdrawn);
        const cancelTimer = clock.after(answerMs, () => one.settle(unanswered));
        one.settle = (reply) => {
          if (!open.delete(key)) return;
          cancelTimer();
          signal.removeEventListener('abort', giveUp);
          const { withdraw } = one;
          one.withdraw = undefined;
          withdraw?.abort();
          resolve(reply);
          changed();
        };
        signal.addEventListener('abort', giveUp, { once: true });
        open.set(key, one);
        put(one);
        changed();
      });
    },
    isOpen: () => open.size > 0,
    putThrough(ask) {
      const line: Ask = (question, signal: AbortLike) => ask(question, signal);
      lines.push(line);
      for (const one of open.values()) put(one);
      return () => {
        const position = lines.indexOf(line);
        if (position === -1) return;
        const wasLast = position === lines.length - 1;
        lines.splice(position, 1);
        if (wasLast) for (const one of open.values()) put(one);
      };
    },
    requests: () =>
      Object.fromEntries(
        [...open].map(([key, { question }]) => [key, { method: question.method, params: question.params }]),
      ),
    answer(responses) {
      for (const [key, { settle }] of open) {
        const response = responses[key];
        if (isJsonObject(response)) settle({ ok: true, result: response });
      }
    },
    onChange: (listener) => void listeners.add(listener),
  };
}

const withdrawn = refusal(rpcCode.internalError, 'the question was withdrawn');
const unanswered = refusal(rpcCode.internalError, 'the client did not answer in time');
