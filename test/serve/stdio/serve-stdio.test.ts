import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../src/core/json.ts';
import type { SendResult } from '../../../src/core/outcome.ts';
import type { Reply } from '../../../src/core/protocol/rpc.ts';
import type { UpstreamRequest } from '../../../src/core/protocol/server.ts';
import { serveStdio } from '../../../src/serve/stdio/serve-stdio.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { deepJson } from '../../upstream/support.ts';
import { receptionOf } from '../reception.ts';
import { stubEngine } from '../stub-engine.ts';

const tools = [makeTool('read'), makeTool('write')];
const policy = { read: ['read'], write: ['write'] };
const eras = ['legacy', 'modern'] as const;
type Era = (typeof eras)[number];

const protocolVersion = '2026-07-28';
const envelope = {
  'io.modelcontextprotocol/protocolVersion': protocolVersion,
  'io.modelcontextprotocol/clientInfo': { name: 'bare', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A client of bare lines, with its session opened but nothing asked yet. */
async function open(era: Era, options: Parameters<typeof stubEngine>[0] = {}) {
  return connect(era, stubEngine({ tools, policy, ...options }));
}

async function connect(era: Era, stub: ReturnType<typeof stubEngine>) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const connection = serveStdio(receptionOf(stub), { input, output });
  const received: JsonObject[] = [];
  output.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString('utf8').split('\n')) if (line !== '') received.push(JSON.parse(line));
  });
  const send = (message: object): void => void input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const answers = (id: unknown): JsonObject[] => received.filter((message) => message['id'] === id);
  const request = async (id: number | string, method: string, params: JsonObject = {}): Promise<JsonObject> => {
    const { _meta, ...rest } = params;
    const meta = era === 'modern' ? { ...envelope, ...(isJsonObject(_meta) && _meta) } : _meta;
    send({ id, method, params: { ...rest, ...(meta !== undefined && { _meta: meta }) } });
    for (let turn = 0; turn < 200 && answers(id).length === 0; turn++) await settle();
    return answers(id)[0] ?? {};
  };
  if (era === 'legacy') {
    await request('open', 'initialize', {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'bare', version: '1' },
    });
    send({ method: 'notifications/initialized' });
  } else await request('open', 'server/discover');
  return { ...stub, connection, input, output, received, send, answers, request };
}

/** A call's params; the first call of a session takes another way through the program than those that follow. */
const read = (params: JsonObject = {}): JsonObject => ({ name: 'files__read', ...params });

describe.each(eras)('a session of the %s era', (era) => {
  test('[transparent] hands results on as they came, the first one and those that follow', async () => {
    const result = { content: [{ type: 'hologram' }], 'x-own': [null, 1], isError: true, _meta: { own: 1 } };
    const { request } = await open(era, { answer: () => ({ ok: true, result }) });
    const modern = {
      resultType: 'complete',
      _meta: { own: 1, 'io.modelcontextprotocol/serverInfo': { name: 'marshal', title: 'marshal', version: '1.2.3' } },
    };
    const expected = { ...result, ...(era === 'modern' && modern) };
    for (const id of [1, 2, 0, 'three'])
      expect(await request(id, 'tools/call', read())).toMatchObject({ id, result: expected });
  });

  test('[transparent] hands errors on with code, words and data, the first one and those that follow', async () => {
    const rpc = { code: -32055, message: 'no such page', data: { page: [7] } };
    const error = { code: 'upstream_error', message: 'files', retryable: false, rpc } as const;
    const { request } = await open(era, { answer: () => ({ ok: false, sent: true, error }) });
    for (const id of [1, 2, 3])
      expect(await request(id, 'tools/call', read())).toEqual({ jsonrpc: '2.0', id, error: rpc });
  });

  test('tells a client nothing of a bug but that there was one', async () => {
    const unavailable = (): never => {
      throw new Error('secret: /home/me/.token');
    };
    const { request } = await open(era, { tools: [], unavailable });
    await request(1, 'tools/list');
    const { error } = await request(2, 'tools/call', read());
    expect(error).toEqual({ code: -32603, message: expect.not.stringContaining('secret') });
  });

  test('[transparent] sends no `_meta` upstream but that which its client meant for it', async () => {
    const { request, sent } = await open(era);
    for (const id of [1, 2]) await request(id, 'tools/call', read({ _meta: { own: 1, traceparent: 't' } }));
    for (const id of [3, 4]) await request(id, 'tools/call', read());
    const metas = sent.map(({ params }) => params['_meta']);
    expect(metas.slice(0, 2)).toEqual([
      { own: 1, traceparent: 't' },
      { own: 1, traceparent: 't' },
    ]);
    // What the protocol keeps for itself has been taken out; nothing is left.
    for (const meta of metas.slice(2)) expect(meta ?? {}).toEqual({});
  });

  test('[transparent] reports progress under the token of its client before the answer', async () => {
    const answer = ({ onProgress }: UpstreamRequest): SendResult => {
      onProgress?.({ progress: 1, 'x-own': true });
      return { ok: true, result: { content: [] } };
    };
    const { request, received } = await open(era, { answer });
    for (const id of [1, 2]) {
      received.length = 0;
      await request(id, 'tools/call', read({ _meta: { progressToken: `t${id}` } }));
      const [progress, response] = received;
      expect(progress).toMatchObject({
        method: 'notifications/progress',
        params: { progressToken: `t${id}`, progress: 1, 'x-own': true },
      });
      expect(response).toMatchObject({ id });
    }
  });

  test('cancels a call whatever its id, and answers it no more', async () => {
    const { request, send, sent, answers } = await open(era, { answer: () => new Promise(() => {}) });
    await request('list', 'tools/list');
    for (const id of [0, 5, 'text']) {
      void request(id, 'tools/call', read());
      await settle();
      const signal = sent.at(-1)!.signal!;
      expect(signal.aborted).toBe(false);
      const meta = era === 'modern' ? { _meta: envelope } : {};
      send({ method: 'notifications/cancelled', params: { requestId: id, ...meta } });
      await settle();
      expect(signal.aborted).toBe(true);
      await settle();
      expect(answers(id)).toEqual([]);
    }
  });

  test.each(['the first call', 'a later call'])('says nothing of progress once %s is cancelled', async (which) => {
    const { request, send, sent, received } = await open(era, { answer: () => new Promise(() => {}) });
    if (which === 'a later call') await request('list', 'tools/list');
    void request(1, 'tools/call', read({ _meta: { progressToken: 't' } }));
    await settle();
    const { onProgress } = sent[0]!;
    const told = (): number => received.filter(({ method }) => method === 'notifications/progress').length;
    onProgress!({ progress: 1 });
    await settle();
    expect(told()).toBe(1);
    const meta = era === 'modern' ? { _meta: envelope } : {};
    send({ method: 'notifications/cancelled', params: { requestId: 1, ...meta } });
    await settle();
    onProgress!({ progress: 2 });
    await settle();
    expect(told()).toBe(1);
  });

  test('says nothing of progress once a call is answered', async () => {
    const { request, sent, received } = await open(era);
    await request('list', 'tools/list');
    await request(1, 'tools/call', read({ _meta: { progressToken: 't' } }));
    sent[0]!.onProgress!({ progress: 1 });
    await settle();
    expect(received.filter(({ method }) => method === 'notifications/progress')).toEqual([]);
  });

  test('cancels both of two calls that were given one id', async () => {
    const { request, send, sent } = await open(era, { answer: () => new Promise(() => {}) });
    await request('list', 'tools/list');
    const ids = ['one', 'one', 2, 2];
    for (const id of ids) void request(id, 'tools/call', read({ arguments: { id } }));
    await settle();
    await settle();
    expect(sent).toHaveLength(ids.length);
    const meta = era === 'modern' ? { _meta: envelope } : {};
    send({ method: 'notifications/cancelled', params: { requestId: 'one', ...meta } });
    await settle();
    await settle();
    for (const { params, signal } of sent) {
      expect(signal?.aborted).toBe(isJsonObject(params['arguments']) && params['arguments']['id'] === 'one');
    }
  });

  test.each([
    ['the id null', { id: null }],
    ['the id true', { id: true }],
    ['an object as its id', { id: { a: 1 } }],
    ['a broken number as its id', { id: 1.5 }],
    ['no id', {}],
    ['a key that no request has', { id: 7, extra: 1 }],
    ['a result beside its method', { id: 7, result: {} }],
    ['params that are no object', { id: 7, params: [read()] }],
  ])('runs no tool for a message with %s, as the first one of a session and later', async (_what, odd) => {
    const { request, send, sent } = await open(era);
    const meta = era === 'modern' ? { _meta: envelope } : {};
    for (const round of ['first', 'later']) {
      send({ method: 'tools/call', params: { ...read(), ...meta }, ...odd });
      for (let turn = 0; turn < 5; turn++) await settle();
      expect(sent).toEqual([]);
      await request(round, 'tools/list');
    }
    expect(await request('good', 'tools/call', read())).toHaveProperty('result');
    expect(sent).toHaveLength(1);
  });

  test('answers a call whose result cannot be written with an error, the first one of a session and those that follow', async () => {
    const structuredContent: JsonObject = JSON.parse(deepJson(20_000));
    const answer = (): SendResult => ({ ok: true, result: { content: [], structuredContent } });
    const { request } = await open(era, { answer });
    for (const id of [1, 2]) expect(await request(id, 'tools/call', read())).toMatchObject({ error: { code: -32603 } });
  });

  test('answers many calls at once, each under its own id', async () => {
    const answer = async ({ params }: UpstreamRequest): Promise<SendResult> => {
      await settle();
      return { ok: true, result: { content: [], echo: params['arguments']! } };
    };
    const { request } = await open(era, { answer });
    await request('list', 'tools/list');
    const ids = Array.from({ length: 50 }, (_, id) => id);
    const responses = await Promise.all(ids.map((id) => request(id, 'tools/call', read({ arguments: { id } }))));
    expect(responses).toMatchObject(ids.map((id) => ({ id, result: { echo: { id } } })));
  });

  test('ends with its input: what runs is cancelled, nobody watches for it any more, and the end is known', async () => {
    const { request, sent, input, watchers, connection } = await open(era, { answer: () => new Promise(() => {}) });
    await request('list', 'tools/list');
    void request(1, 'tools/call', read());
    await settle();
    input.end();
    await connection.closed;
    expect(sent.map(({ signal }) => signal?.aborted)).toEqual([true]);
    expect(watchers()).toBe(0);
  });

  test('answers what it does not know with an error, and serves on', async () => {
    const { request } = await open(era);
    expect(await request(1, 'no/such/method')).toMatchObject({ error: { code: -32601 } });
    expect(await request(2, 'tools/call', read())).toMatchObject({ result: {} });
  });
});

describe('two clients of one process', () => {
  test.each([
    ['legacy', 'legacy'],
    ['legacy', 'modern'],
    ['modern', 'modern'],
  ] as const)('(%s and %s) read their own results again, and not those of the other', async (one, other) => {
    const mine = await open(one);
    const yours = await connect(other, mine);
    const calls = [{ tool: 'files__read' }];
    const batchIds: string[] = [];
    // The first call of a session takes another way through the program than those that follow.
    for (const id of [1, 2]) {
      const reply = await mine.request(id, 'tools/call', { name: 'batch_call', arguments: { calls } });
      batchIds.push(/batch (\w+):/.exec(JSON.stringify(reply))?.[1] ?? '');
    }
    const rest = (client: typeof mine, id: number, batchId = ''): Promise<JsonObject> =>
      client.request(id, 'tools/call', { name: 'batch_await', arguments: { batchId } });
    for (const [position, batchId] of batchIds.entries()) {
      expect(JSON.stringify(await rest(mine, 10 + position, batchId))).toContain('[c0] ok');
      const foreign = await rest(yours, 10 + position, batchId);
      expect(foreign).toMatchObject({ result: { isError: true } });
      expect(JSON.stringify(foreign)).not.toContain('[c0]');
    }
  });
});

describe('a modern call', () => {
  const odd: [string, JsonObject][] = [
    ['no revision', { 'io.modelcontextprotocol/protocolVersion': undefined }],
    ['a client that is no object', { 'io.modelcontextprotocol/clientInfo': 'bare' }],
    ['a client without a name', { 'io.modelcontextprotocol/clientInfo': { version: '1' } }],
    ['capabilities that are no object', { 'io.modelcontextprotocol/clientCapabilities': 5 }],
    ['no capabilities', { 'io.modelcontextprotocol/clientCapabilities': undefined }],
    ['a log level that is none', { 'io.modelcontextprotocol/logLevel': 'loud' }],
  ];
  test.each(odd)('with %s in its envelope runs no tool, whatever the calls before it brought', async (_what, meta) => {
    const { request, sent } = await open('modern');
    expect(await request(1, 'tools/call', read())).toHaveProperty('result');
    expect(await request(2, 'tools/call', read({ _meta: meta }))).toHaveProperty('error.code');
    expect(sent).toHaveLength(1);
    expect(await request(3, 'tools/call', read())).toHaveProperty('result');
  });

  test('is answered though its envelope is nested too deep for anything, and so is the next one', async () => {
    const { request, received, input } = await open('modern');
    await request(1, 'tools/call', read());
    const [before, after] = JSON.stringify({
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: read({ _meta: { ...envelope, 'io.modelcontextprotocol/clientCapabilities': { experimental: '?' } } }),
    }).split('"?"');
    input.write(`${before}${deepJson(20_000)}${after}\n`);
    for (let turn = 0; turn < 20; turn++) await settle();
    expect(received.filter(({ id }) => id === 2)).toHaveLength(1);
    expect(await request(3, 'tools/call', read())).toHaveProperty('result');
  });

  const right: [string, JsonObject][] = [
    ['another client', { 'io.modelcontextprotocol/clientInfo': { name: 'other', version: '2' } }],
    ['other capabilities', { 'io.modelcontextprotocol/clientCapabilities': { sampling: {} } }],
    ['a log level', { 'io.modelcontextprotocol/logLevel': 'debug' }],
  ];
  test.each(right)('with %s in its envelope is served, as are those with the first one', async (_what, meta) => {
    const { request, sent } = await open('modern');
    for (const id of [1, 2]) await request(id, 'tools/call', read());
    for (const id of [3, 4]) expect(await request(id, 'tools/call', read({ _meta: meta }))).toHaveProperty('result');
    expect(await request(5, 'tools/call', read())).toHaveProperty('result');
    expect(sent).toHaveLength(5);
    for (const { params } of sent) expect(params['_meta'] ?? {}).toEqual({});
  });
});

describe('an error of a server that has a code of the protocol', () => {
  const rpc = { code: -32002, message: 'no such resource', data: { uri: 'x' } };
  const error = { code: 'upstream_error', message: 'files', retryable: false, rpc } as const;

  test('[transparent] reaches a legacy client as it is, though it has never listed', async () => {
    const { request } = await open('legacy', { answer: () => ({ ok: false, sent: true, error }) });
    for (const id of [1, 2]) expect(await request(id, 'tools/call', read())).toMatchObject({ error: rpc });
  });

  test('[transparent] also where its first call comes in one piece with the end of the opening', async () => {
    const stub = stubEngine({ tools, policy, answer: () => ({ ok: false, sent: true, error }) });
    const [input, output] = [new PassThrough(), new PassThrough()];
    serveStdio(receptionOf(stub), { input, output });
    const exchange = async (...messages: object[]): Promise<JsonObject> => {
      input.write(messages.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join(''));
      let text = '';
      for (let turn = 0; turn < 200 && text === ''; turn++) {
        await settle();
        text = String(output.read() ?? '');
      }
      return JSON.parse(text);
    };
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bare', version: '1' } };
    expect(await exchange({ id: 1, method: 'initialize', params })).toHaveProperty('result');
    const call = { id: 2, method: 'tools/call', params: read() };
    expect(await exchange({ method: 'notifications/initialized' }, call)).toMatchObject({ id: 2, error: rpc });
  });
});

describe('a server that asks', () => {
  test.each([{ error: { code: -1 } }, { result: null }])(
    'hears at once of an answer that is none (%j), and the client’s call with the same id gets its own answer alone',
    async (broken) => {
      const answers: Reply[] = [];
      const answer = async ({ ask }: UpstreamRequest): Promise<SendResult> => {
        answers.push(await ask!({ method: 'elicitation/create', params: {} }, new AbortController().signal));
        return { ok: true, result: { content: [] } };
      };
      const { request, received, send } = await open('legacy', { answer });
      await request('list', 'tools/list');
      send({ id: 1, method: 'tools/call', params: read() });
      for (let turn = 0; turn < 5; turn++) await settle();
      expect(received.at(-1)).toMatchObject({ id: 1, method: 'elicitation/create' });
      send({ id: 1, ...broken });
      for (let turn = 0; turn < 5; turn++) await settle();
      expect(received.filter(({ id, method }) => id === 1 && method === undefined)).toMatchObject([{ result: {} }]);
      expect(answers).toMatchObject([{ ok: false, error: { code: -32603 } }]);
    },
  );
});

describe('a change of the list', () => {
  test('is told to a legacy client that has seen the list, and not to one that has not', async () => {
    const { change, received, request, clock } = await open('legacy');
    change();
    await settle();
    const told = (): number => received.filter(({ method }) => method === 'notifications/tools/list_changed').length;
    expect(told()).toBe(0);
    await request(1, 'tools/list');
    await clock.pass(1_000);
    change();
    await settle();
    expect(told()).toBe(1);
  });

  test('is told to a modern client that listens for it', async () => {
    const { change, received, request, send } = await open('modern');
    await request(1, 'tools/list');
    send({
      id: 'sub',
      method: 'subscriptions/listen',
      params: { notifications: { toolsListChanged: true }, _meta: envelope },
    });
    await settle();
    change();
    await settle();
    expect(received.map(({ method }) => method)).toContain('notifications/tools/list_changed');
  });
});
