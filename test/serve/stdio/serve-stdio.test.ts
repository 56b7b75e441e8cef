import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../src/core/json.ts';
import type { SendResult } from '../../../src/core/outcome.ts';
import type { UpstreamRequest } from '../../../src/serve/engine.ts';
import { serveStdio } from '../../../src/serve/stdio/serve-stdio.ts';
import { makeTool } from '../../policy/make-policy.ts';
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
  const stub = stubEngine({ tools, policy, ...options });
  const [input, output] = [new PassThrough(), new PassThrough()];
  const connection = serveStdio(stub.engine, { input, output });
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
      const { signal } = sent.at(-1)!;
      expect(signal.aborted).toBe(false);
      const meta = era === 'modern' ? { _meta: envelope } : {};
      send({ method: 'notifications/cancelled', params: { requestId: id, ...meta } });
      await settle();
      expect(signal.aborted).toBe(true);
      await settle();
      expect(answers(id)).toEqual([]);
    }
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
    expect(sent.map(({ signal }) => signal.aborted)).toEqual([true]);
    expect(watchers()).toBe(0);
  });

  test('answers what it does not know with an error, and serves on', async () => {
    const { request } = await open(era);
    expect(await request(1, 'no/such/method')).toMatchObject({ error: { code: -32601 } });
    expect(await request(2, 'tools/call', read())).toMatchObject({ result: {} });
  });
});

describe('a change of the list', () => {
  test('is told to a legacy client that has seen the list, and not to one that has not', async () => {
    const { change, received, request } = await open('legacy');
    change();
    await settle();
    const told = (): number => received.filter(({ method }) => method === 'notifications/tools/list_changed').length;
    expect(told()).toBe(0);
    await request(1, 'tools/list');
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
