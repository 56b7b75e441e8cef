import { describe, expect, test } from 'vitest';
import { Aborter } from '../../../src/core/abort.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Ask, Era, Question } from '../../../src/core/protocol/client.ts';
import { refusal, type Reply } from '../../../src/core/protocol/rpc.ts';
import { resolveInput } from '../../../src/serve/questions/resolve-input.ts';
import { createVirtualClock } from '../../schedule/virtual-clock.ts';
import { accept, form } from './modern-client.ts';

const params = { name: 'deploy', arguments: { env: 'prod' } };
const done: JsonObject = { content: [] };

function needs(inputRequests?: Record<string, Question>, requestState?: string): JsonObject {
  return {
    resultType: 'input_required',
    ...(inputRequests && { inputRequests: toJson(inputRequests) }),
    ...(requestState !== undefined && { requestState }),
  };
}

function toJson(questions: Record<string, Question>): JsonObject {
  return Object.fromEntries(Object.entries(questions).map(([key, question]) => [key, { ...question }]));
}

/** Resolves against a server that gives these results one after the other. */
function resolve(results: JsonObject[], { ask, era = 'legacy', signal = new Aborter() }: Client) {
  const clock = createVirtualClock();
  const sent: JsonObject[] = [];
  const answers = results.map((result): Reply => ({ ok: true, result }));
  const send = (given: JsonObject): Promise<Reply> => {
    sent.push(given);
    return Promise.resolve(answers.shift() ?? { ok: true, result: done });
  };
  const fail = (message: string): Reply => refusal(-32603, message);
  const reply = resolveInput(answers.shift()!, {
    server: 'git',
    params,
    send,
    client: { era, ask },
    signal,
    clock,
    fail,
  });
  return { reply, sent, clock };
}
interface Client {
  ask: Ask;
  era?: Era;
  signal?: Aborter;
}

/** Accepts every form with its message as the value, and keeps what it was asked. */
function agreeable(asked: Question[] = []): Ask {
  return (question) => {
    asked.push(question);
    return Promise.resolve({ ok: true, result: accept(JSON.stringify(question.params['message'])) });
  };
}
const answerTo = (message: string): JsonObject => accept(JSON.stringify(message));

describe('what a modern server wants of a client that it cannot reach', () => {
  test('is asked of it, all of a round together, and sent back by key with the state as it was', async () => {
    const asked: Question[] = [];
    const { reply, sent } = resolve(
      [needs({ a: form('A'), b: form('B') }, 's1'), needs({ c: form('C') }, 's2'), done],
      {
        ask: agreeable(asked),
      },
    );
    expect(await reply).toEqual({ ok: true, result: done });
    expect(asked).toEqual([form('A'), form('B'), form('C')]);
    expect(sent).toEqual([
      { ...params, inputResponses: { a: answerTo('A'), b: answerTo('B') }, requestState: 's1' },
      { ...params, inputResponses: { c: answerTo('C') }, requestState: 's2' },
    ]);
  });

  test('may be nothing but to be asked again: it is, after a while', async () => {
    const { reply, sent, clock } = resolve([needs(undefined, 's1'), done], { ask: agreeable() });
    await clock.pass(249);
    expect(sent).toEqual([]);
    await clock.pass(1);
    expect(sent).toEqual([{ ...params, requestState: 's1' }]);
    expect(await reply).toEqual({ ok: true, result: done });
  });

  test('fails where the client refuses one of several, and the others are withdrawn', async () => {
    const withdrawn: string[] = [];
    const ask: Ask = ({ params: { message } }, signal) =>
      message === 'A'
        ? Promise.resolve(refusal(-32601, 'Method not found'))
        : new Promise((settle) => {
            signal.addEventListener('abort', () => {
              withdrawn.push(JSON.stringify(message));
              settle(refusal(-32603, 'withdrawn'));
            });
          });
    const { reply, sent } = resolve([needs({ b: form('B'), a: form('A') })], { ask });
    const message = 'the server needs an answer to elicitation/create, and the client gave none: Method not found';
    expect(await reply).toEqual(refusal(-32603, message));
    expect(withdrawn).toEqual(['"B"']);
    expect(sent).toEqual([]);
  });

  test('is given ten times, and no more', async () => {
    const asked: Question[] = [];
    const endless = Array.from({ length: 20 }, () => needs({ a: form('A') }));
    const { reply, sent } = resolve(endless, { ask: agreeable(asked) });
    expect(await reply).toMatchObject({ ok: false, error: { message: expect.stringContaining('after 10 rounds') } });
    expect([asked.length, sent.length]).toEqual([10, 10]);
  });

  test.each([
    ['nothing at all', { resultType: 'input_required' }],
    ['no object', { resultType: 'input_required', inputRequests: [{ ...form('A') }] }],
    ['a question without a method', { resultType: 'input_required', inputRequests: { a: { params: {} } } }],
  ])('fails where it is %s', async (_what, result) => {
    const { reply, sent } = resolve([result], { ask: agreeable() });
    expect(await reply).toMatchObject({ ok: false, error: { code: -32603 } });
    expect(sent).toEqual([]);
  });

  test('is withdrawn when the request is cancelled, and the request is not sent again', async () => {
    const signal = new Aborter();
    const ask: Ask = (_question, withdrawal) =>
      new Promise((settle) => {
        withdrawal.addEventListener('abort', () => settle({ ok: true, result: accept('too late') }));
      });
    const { reply, sent } = resolve([needs({ a: form('A') })], { ask, signal });
    signal.abort();
    expect(await reply).toMatchObject({ ok: false });
    expect(sent).toEqual([]);
  });

  test('has, where it is to open a URL, the id that a legacy client wants, and none that a modern one does not know', async () => {
    const url: Question = {
      method: 'elicitation/create',
      params: { mode: 'url', message: 'm', url: 'https://a.example' },
    };
    for (const era of ['legacy', 'modern'] as const) {
      const asked: Question[] = [];
      await resolve([needs({ a: url }), done], { ask: agreeable(asked), era }).reply;
      const added = era === 'legacy' ? { elicitationId: expect.stringMatching(/./) } : {};
      expect(asked).toEqual([{ ...url, params: { ...url.params, ...added } }]);
    }
  });

  test('is nothing where the answer is a result or an error: it comes back as it is', async () => {
    const { reply, sent } = resolve([done], { ask: agreeable() });
    expect(await reply).toEqual({ ok: true, result: done });
    expect(sent).toEqual([]);
  });
});
