import { describe, expect, test } from 'vitest';
import { Aborter } from '../../../../src/core/abort.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import type { CallError, SendResult } from '../../../../src/core/outcome.ts';
import type { Ask, Era, Notice, Question } from '../../../../src/core/protocol/client.ts';
import { refusal } from '../../../../src/core/protocol/rpc.ts';
import type { UpstreamRequest } from '../../../../src/core/protocol/server.ts';
import { handleRequest } from '../../../../src/serve/handle-request.ts';
import { runBatch } from '../../../../src/serve/batch/run-batch.ts';
import { makeTool } from '../../../policy/make-policy.ts';
import { requestOf, stubEngine } from '../../stub-engine.ts';
import { accept, form } from '../modern-client.ts';

const never = new Aborter();
const done: SendResult = { ok: true, result: { content: [{ type: 'text', text: 'done' }] } };

/** A client of one era that calls a write of a server of the other, or the same. */
function stub(client: Era, { server = 'legacy', answer, ask = agree, tool = makeTool('write') }: Stub) {
  const asked: Question[] = [];
  const notices: Notice[] = [];
  const stubbed = stubEngine({
    tools: [tool],
    policy: { write: ['write'], tools: {} },
    offers: { files: { era: server } },
    answer,
  });
  const changes = {
    era: client,
    ask: (question: Question, signal: Parameters<Ask>[1]) => {
      asked.push(question);
      return ask(question, signal);
    },
    notify: (notice: Notice) => void notices.push(notice),
  };
  const call = (more: JsonObject = {}) => requestOf('tools/call', { name: 'files__write', ...more }, changes);
  return { ...stubbed, asked, notices, call, send: (more?: JsonObject) => handleRequest(stubbed.engine, call(more)) };
}
interface Stub {
  server?: Era;
  answer: (request: UpstreamRequest) => SendResult | Promise<SendResult>;
  ask?: Ask;
  tool?: ReturnType<typeof makeTool>;
}
const agree: Ask = () => Promise.resolve({ ok: true, result: accept('yes') });

const inputRequired: JsonObject = {
  resultType: 'input_required',
  inputRequests: { sure: { ...form('sure?') } },
  requestState: 'of the server',
};

describe('a tool called by itself', () => {
  test('[transparent] asks its client in the middle, and tells it what its server tells', async () => {
    const log = { method: 'notifications/message', params: { level: 'info', data: 'x' } };
    const { send, asked, notices } = stub('legacy', {
      async answer({ ask, onNotice, logLevel }) {
        onNotice?.(log);
        const reply = await ask!(form('sure?'), never);
        return { ok: true, result: { isAnswered: reply.ok, level: logLevel ?? 'none' } };
      },
    });
    expect(await send()).toEqual({ isAnswered: true, level: 'none' });
    expect(asked).toEqual([form('sure?')]);
    expect(notices).toEqual([log]);
  });

  test('has its server know the level of log messages that its client wants of it', async () => {
    const { engine, call, sent } = stub('modern', { answer: () => done });
    await handleRequest(engine, { ...call(), logLevel: 'debug' });
    expect(sent).toMatchObject([{ logLevel: 'debug' }]);
  });

  test('whose client thinks for minutes does not time out', async () => {
    const { send, clock, engine } = stub('legacy', {
      async answer({ ask }) {
        await ask!(form('sure?'), never);
        return done;
      },
      ask: async () => {
        await clock.sleep(300_000);
        return { ok: true, result: accept('yes') };
      },
    });
    const server = engine.setup().servers.get('files')!;
    Object.assign(server, { timeoutMs: 1_000 });
    const result = send();
    await clock.pass(300_000);
    expect(await result).toEqual(done.ok && done.result);
  });

  test('[transparent] of a modern server brings its wish to a modern client as it is, and the client’s answer to the server', async () => {
    const { send, sent, asked } = stub('modern', {
      server: 'modern',
      answer: ({ params }) => (params['inputResponses'] === undefined ? { ok: true, result: inputRequired } : done),
    });
    expect(await send()).toBe(inputRequired);
    const answers = { inputResponses: { sure: accept('yes') }, requestState: 'of the server' };
    expect(await send(answers)).toEqual(done.ok && done.result);
    expect(sent[1]?.params).toMatchObject(answers);
    expect(asked).toEqual([]);
  });

  test.each(['legacy', 'modern'] as const)(
    'of a modern server that speaks as we do says whose the question is: a %s client',
    async (client) => {
      const ours = form('mcp-marshal: A call needs your approval.');
      const { send, asked } = stub(client, {
        server: 'modern',
        answer: ({ params }) =>
          params['inputResponses'] === undefined
            ? { ok: true, result: { ...inputRequired, inputRequests: { sure: { ...ours } } } }
            : done,
      });
      const seen = JSON.stringify([await send(), asked]);
      expect(seen).toContain('"The server files asks: mcp-marshal: A call needs your approval."');
    },
  );

  test('of a modern server asks a legacy client what the server wants, and has the result', async () => {
    const { send, sent, asked } = stub('legacy', {
      server: 'modern',
      answer: ({ params }) => (params['inputResponses'] === undefined ? { ok: true, result: inputRequired } : done),
    });
    expect(await send({ arguments: { a: 1 } })).toEqual(done.ok && done.result);
    expect(asked).toEqual([form('sure?')]);
    expect(sent.map(({ params }) => params)).toMatchObject([
      { arguments: { a: 1 } },
      { arguments: { a: 1 }, inputResponses: { sure: accept('yes') }, requestState: 'of the server' },
    ]);
  });

  test('of a modern server tells a legacy client that refuses why it did not run', async () => {
    const { send } = stub('legacy', {
      server: 'modern',
      answer: () => ({ ok: true, result: inputRequired }),
      ask: () => Promise.resolve(refusal(-32601, 'Method not found')),
    });
    const text = 'the server needs an answer to elicitation/create, and the client gave none: Method not found';
    expect(await send()).toEqual({ content: [{ type: 'text', text }], isError: true });
  });

  test('[transparent] of a legacy server may answer with what means something only in the modern era', async () => {
    const { send, asked } = stub('legacy', { answer: () => ({ ok: true, result: inputRequired }) });
    expect(await send()).toBe(inputRequired);
    expect(asked).toEqual([]);
  });
});

describe('a server that wants a URL opened first', () => {
  const elicitations = [
    { mode: 'url', elicitationId: 'e1', url: 'https://a.example', message: 'sign in' },
    { mode: 'url', elicitationId: 'e2', url: 'https://b.example', message: 'and there' },
  ];
  const rpc = { code: -32042, message: 'URL elicitation required', data: { elicitations } };
  const error: CallError = { code: 'upstream_error', message: 'files: …', retryable: false, rpc };
  const refused: SendResult = { ok: false, sent: true, error };

  /** Serves once it has been asked so often. */
  const afterRefusals = (count: number) => () => (count-- > 0 ? refused : done);

  test('has a modern client asked to open each, and is sent the call again', async () => {
    const { send, asked, sent } = stub('modern', { answer: afterRefusals(1) });
    expect(await send()).toEqual(done.ok && done.result);
    expect(asked).toEqual(elicitations.map((params) => ({ method: 'elicitation/create', params })));
    expect(sent).toHaveLength(2);
  });

  test('is sent the call again once, and its error then is the call’s', async () => {
    const { send, sent } = stub('modern', { answer: afterRefusals(9) });
    await expect(send()).rejects.toMatchObject(rpc);
    expect(sent).toHaveLength(2);
  });

  test('has its error passed on where the client declines one of them', async () => {
    const { send, sent } = stub('modern', {
      answer: afterRefusals(1),
      ask: ({ params }) =>
        Promise.resolve({ ok: true, result: { action: params['elicitationId'] === 'e2' ? 'decline' : 'accept' } }),
    });
    await expect(send()).rejects.toMatchObject(rpc);
    expect(sent).toHaveLength(1);
  });

  test('[transparent] has its error passed on to a legacy client, which knows it', async () => {
    const { send, asked } = stub('legacy', { answer: afterRefusals(1) });
    await expect(send()).rejects.toMatchObject(rpc);
    expect(asked).toEqual([]);
  });

  test.each(['legacy', 'modern'] as const)(
    'has a %s client asked for it in a batch, whose reply could not tell it',
    async (era) => {
      const { engine, call, asked, clock } = stub(era, { answer: afterRefusals(1) });
      const { ask } = call();
      const reply = runBatch(engine, { input: { calls: [{ tool: 'files__write' }], format: 'structured' }, era, ask });
      await clock.pass(0);
      expect(await reply).toMatchObject({ structuredContent: { results: [{ status: 'ok' }] } });
      expect(asked).toHaveLength(2);
    },
  );

  test('is not taken at its word where it does not say what to open', async () => {
    for (const data of [undefined, {}, { elicitations: 'all' }, { elicitations: [1] }]) {
      const broken: SendResult = { ...refused, error: { ...error, rpc: { ...rpc, data } } };
      const { send, asked } = stub('modern', { answer: () => broken });
      await expect(send()).rejects.toMatchObject({ code: -32042 });
      expect(asked).toEqual([]);
    }
  });
});

describe('a write that a server wanted something for first', () => {
  test('is of unknown effect where it could not be sent again', async () => {
    const lost: CallError = { code: 'server_unavailable', message: 'files is not available', retryable: true };
    const { engine, call, clock } = stub('legacy', {
      server: 'modern',
      answer: ({ params }) =>
        params['inputResponses'] === undefined
          ? { ok: true, result: inputRequired }
          : { ok: false, sent: false, error: lost },
    });
    const { ask } = call();
    const input = { calls: [{ tool: 'files__write' }], format: 'structured' };
    const reply = runBatch(engine, { input, ask });
    await clock.pass(0);
    expect(await reply).toMatchObject({
      structuredContent: { results: [{ status: 'failed', applied: 'unknown', error: { retryable: false } }] },
    });
  });
});

describe('a modern server’s structured content', () => {
  const structured = (structuredContent: JsonObject | string[], content: JsonObject[] = []): JsonObject => ({
    content,
    structuredContent,
  });
  const tool = { ...makeTool('write'), outputSchema: { type: 'array' } };

  test('that is no object comes to a legacy client in one, and as text where there is none', async () => {
    const text = { type: 'text', text: '["a"]' };
    const cases: [JsonObject, JsonObject][] = [
      [structured(['a']), { content: [text], structuredContent: { result: ['a'] } }],
      [
        structured(['a'], [{ type: 'text', text: 'own' }]),
        { content: [{ type: 'text', text: 'own' }], structuredContent: { result: ['a'] } },
      ],
      [structured({ a: 1 }), { content: [], structuredContent: { result: { a: 1 } } }],
    ];
    for (const [result, expected] of cases) {
      const { send } = stub('legacy', { server: 'modern', tool, answer: () => ({ ok: true, result }) });
      expect(await send()).toEqual(expected);
    }
  });

  test('[transparent] stays as it is where it is the object that its schema says, for a modern client, and of a legacy server', async () => {
    const array = structured(['a']);
    const object = structured({ a: 1 });
    const ofObject = stub('legacy', { server: 'modern', answer: () => ({ ok: true, result: object }) });
    expect(await ofObject.send()).toBe(object);
    const forModern = stub('modern', { server: 'modern', tool, answer: () => ({ ok: true, result: array }) });
    expect(await forModern.send()).toBe(array);
    const ofLegacy = stub('legacy', { server: 'legacy', tool, answer: () => ({ ok: true, result: array }) });
    expect(await ofLegacy.send()).toBe(array);
  });
});
