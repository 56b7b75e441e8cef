import { Aborter, type AbortLike } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import { isJsonObject, isTooDeep, type JsonObject } from '../../core/json.ts';
import type { Ask, Notice, Question } from '../../core/protocol/client.ts';
import { refusal, rpcCode, type Reply } from '../../core/protocol/rpc.ts';
import type { ClientRequest } from '../client-request.ts';
import { isOwn } from '../approvals/question/own-question.ts';
import { refuseQuestion } from './refuse-question.ts';
import { passOnState } from './request-states.ts';

/** Questions that a request may have open: more than anybody answers in one dialogue, and few enough for one answer to carry. */
const maxOpen = 32;
/** How often a client is sent back with questions: the SDK's client gives the request up, and its result, when it is sent back once more. */
const maxRounds = 10;

/** A request of the client, or its return with answers, that has not been answered yet. */
interface Exchange {
  request: ClientRequest;
  resolve: (result: JsonObject) => void;
  reject: (error: unknown) => void;
}

interface OpenQuestion {
  question: Question;
  settle: (reply: Reply) => void;
}

interface RunOptions {
  clock: Clock;
  /** Takes note that the run waits for its client, and returns the state under which it is found again. */
  suspend: () => string;
}

/**
 * One request of a modern client, whose work goes on while the client is sent back for answers, as often as it takes: a row of
 * exchanges, at most one of them open.
 */
export class SuspendableRun {
  private readonly options: RunOptions;
  private readonly first: ClientRequest;
  private readonly aborter = new Aborter();
  private readonly questions = new Map<string, OpenQuestion>();
  private exchange: Exchange | undefined;
  /** The run has ended while no exchange was open: the next one gets this. */
  private undelivered: ((exchange: Exchange) => void) | undefined;
  private lastKey = 0;
  private rounds = 0;
  private willPut = false;

  constructor(request: ClientRequest, options: RunOptions) {
    this.first = request;
    this.options = options;
  }

  /** Begins the work. Resolves with its result, or with what the client is asked first; rejects as the work does. */
  start(handle: (request: ClientRequest) => Promise<JsonObject>): Promise<JsonObject> {
    const { aborter: signal, notify, ask } = this;
    const answer = this.open(this.first);
    handle({ ...this.first, signal, notify, ask }).then(
      (result) => this.end(({ resolve }) => resolve(passOnState(result))),
      (error: unknown) => this.end(({ reject }) => reject(error)),
    );
    return answer;
  }

  /** The client has come back. What it has not answered is asked again; what was not asked is passed over. */
  resume(request: ClientRequest): Promise<JsonObject> {
    const answer = this.open(request);
    const { inputResponses } = request.params;
    const responses = isJsonObject(inputResponses) ? inputResponses : {};
    for (const [key, { settle }] of this.questions) {
      const response = responses[key];
      if (isJsonObject(response)) settle({ ok: true, result: response });
    }
    if (this.undelivered !== undefined) {
      this.settleAll(withdrawn);
      this.deliver(this.undelivered);
      return answer;
    }
    this.putSoon();
    return answer;
  }

  /** The client has not come back in time: its work is cancelled, and nobody gets the result. */
  expire(): void {
    this.settleAll(refusal(rpcCode.internalError, 'the client did not answer in time'));
    this.aborter.abort();
  }

  private open(request: ClientRequest): Promise<JsonObject> {
    request.signal.addEventListener('abort', this.cancel, { once: true });
    if (request.signal.aborted) this.cancel();
    return new Promise((resolve, reject) => (this.exchange = { request, resolve, reject }));
  }

  /** Of the open exchange only: that a client was sent back is no cancellation, whatever becomes of that exchange's stream. */
  private readonly cancel = (): void => {
    this.settleAll(withdrawn);
    this.aborter.abort();
  };

  private deliver(answer: (exchange: Exchange) => void): void {
    const { exchange } = this;
    if (exchange === undefined) return;
    this.exchange = undefined;
    exchange.request.signal.removeEventListener('abort', this.cancel);
    answer(exchange);
  }

  private end(answer: (exchange: Exchange) => void): void {
    // The client has gone to its user with them: an answer about calls that wait in the queue now still counts when it is back.
    for (const { question, settle } of this.questions.values()) {
      if (this.exchange !== undefined || !isOwn(question)) settle(withdrawn);
    }
    this.undelivered = answer;
    this.deliver(answer);
  }

  private readonly notify = (notice: Notice): void => {
    const request = this.exchange?.request;
    if (request === undefined) return;
    const { progressToken } = request;
    if (notice.method !== 'notifications/progress' || notice.params['progressToken'] === progressToken) {
      return request.notify(notice);
    }
    // Each return has a token of its own, or none.
    if (progressToken !== undefined) request.notify({ ...notice, params: { ...notice.params, progressToken } });
  };

  private readonly ask: Ask = (question, signal) => {
    const refused = this.refuse(question, signal);
    if (refused !== undefined) return Promise.resolve(refused);
    const key = `q${++this.lastKey}`;
    return new Promise((resolve) => {
      const withdraw = (): void => settle(withdrawn);
      const settle = (reply: Reply): void => {
        if (!this.questions.delete(key)) return;
        signal.removeEventListener('abort', withdraw);
        resolve(reply);
      };
      this.questions.set(key, { question, settle });
      signal.addEventListener('abort', withdraw, { once: true });
      this.putSoon();
    });
  };

  private refuse(question: Question, signal: AbortLike): Reply | undefined {
    if (signal.aborted || this.aborter.aborted || this.undelivered !== undefined) return withdrawn;
    if (isTooDeep(this.first.params))
      return refusal(rpcCode.invalidParams, 'its request is nested too deep to be asked about');
    if (this.questions.size >= maxOpen) {
      return refusal(rpcCode.internalError, `the request has ${maxOpen} questions open`);
    }
    return refuseQuestion(question, this.first.capabilities);
  }

  /** Once all that happens now has happened: questions that are asked together go out together. */
  private putSoon(): void {
    if (this.willPut || this.exchange === undefined || this.questions.size === 0) return;
    this.willPut = true;
    this.options.clock.after(0, () => {
      this.willPut = false;
      this.put();
    });
  }

  private put(): void {
    if (this.exchange === undefined || this.questions.size === 0) return;
    if (++this.rounds > maxRounds) {
      return this.settleAll(refusal(rpcCode.internalError, `the client was asked ${maxRounds} times for this request`));
    }
    const inputRequests: JsonObject = {};
    for (const [key, { question }] of this.questions) {
      inputRequests[key] = { method: question.method, params: question.params };
    }
    const requestState = this.options.suspend();
    this.deliver(({ resolve }) => resolve({ resultType: 'input_required', inputRequests, requestState }));
  }

  private settleAll(reply: Reply): void {
    for (const { settle } of this.questions.values()) settle(reply);
  }
}

const withdrawn = refusal(rpcCode.internalError, 'the question was withdrawn');
