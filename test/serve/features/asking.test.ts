import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Engine } from '../../../src/serve/engine.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { requestOf, type StubRequest } from '../stub-engine.ts';
import { away, entriesIn, failing, serving, type Served } from './serving.ts';

function ask(engine: Engine, method: string, params: JsonObject = {}): Promise<JsonObject> {
  return handleRequest(engine, requestOf(method, params));
}

function serversOf(requests: readonly StubRequest[]): string[] {
  return requests.map(({ server }) => server);
}

describe('a method that only a vendor knows', () => {
  test('reaches the only server, both ways unchanged', async () => {
    const result = { odd: { deep: [null, 1] }, _meta: { a: 1 } };
    const { engine, requests } = serving({ files: { answers: { 'vendor/do': result } } });
    const params = { x: [1], _meta: { y: 2 } };
    expect(JSON.stringify(await ask(engine, 'vendor/do', params))).toBe(JSON.stringify(result));
    expect(requests).toMatchObject([{ method: 'vendor/do', params }]);
  });

  test.each([
    [-32601, 'no such thing here', undefined],
    [-32050, 'odd', { nested: [{ a: 1 }] }],
  ])("hears the only server's error %i as it is", async (code, message, details) => {
    const { engine } = serving({ files: { answers: { 'vendor/do': failing(code, message, details) } } });
    const { data, ...error } = await ask(engine, 'vendor/do').catch((thrown: unknown) => Object(thrown));
    expect({ code: error.code, data }).toEqual({ code, data: details });
  });

  test('reaches the first of several that knows it, from then on at once', async () => {
    const { engine, requests } = serving({
      files: {},
      mail: { answers: { 'vendor/do': { by: 'mail' } } },
      notes: { answers: { 'vendor/do': { by: 'notes' } } },
    });
    expect(await ask(engine, 'vendor/do')).toEqual({ by: 'mail' });
    expect(await ask(engine, 'vendor/do')).toEqual({ by: 'mail' });
    expect(serversOf(requests)).toEqual(['files', 'mail', 'mail']);
  });

  test('stays with the server that answered with an error of its own', async () => {
    const { engine, requests } = serving({
      files: { answers: { 'vendor/do': failing(-32602, 'wrong params') } },
      mail: { answers: { 'vendor/do': { by: 'mail' } } },
    });
    await expect(ask(engine, 'vendor/do')).rejects.toMatchObject({ code: -32602, message: 'wrong params' });
    expect(serversOf(requests)).toEqual(['files']);
  });

  test('is looked for again once its server does not know it any more', async () => {
    const mail: Served = { answers: { 'vendor/do': { by: 'mail' } } };
    const { engine } = serving({ files: {}, mail, notes: { answers: { 'vendor/do': { by: 'notes' } } } });
    await ask(engine, 'vendor/do');
    mail.answers = {};
    await expect(ask(engine, 'vendor/do')).rejects.toMatchObject({ code: -32601 });
    expect(await ask(engine, 'vendor/do')).toEqual({ by: 'notes' });
  });

  test('is looked for past a server that is not there; if nobody else knows it, the client hears so', async () => {
    const files: Served = { answers: { 'vendor/do': away } };
    const mail: Served = { answers: { 'vendor/do': { by: 'mail' } } };
    const { engine } = serving({ files, mail });
    expect(await ask(engine, 'vendor/do')).toEqual({ by: 'mail' });
    const lonely = serving({ files, mail: {} });
    await expect(ask(lonely.engine, 'vendor/do')).rejects.toMatchObject({ data: { code: 'server_unavailable' } });
    files.answers = {};
    await expect(ask(lonely.engine, 'vendor/do')).rejects.toMatchObject({ message: 'Method not found: vendor/do' });
  });

  test('is known for one client only', async () => {
    const servers = { files: {}, mail: { answers: { 'vendor/do': {} } } };
    await ask(serving(servers).engine, 'vendor/do');
    const { engine, requests } = serving(servers);
    await ask(engine, 'vendor/do');
    expect(serversOf(requests)).toEqual(['files', 'mail']);
  });
});

describe('completion', () => {
  const completing = (name: string): Served => ({
    answers: {
      'prompts/list': { prompts: [{ name: 'ask' }] },
      'resources/list': { resources: [] },
      'resources/templates/list': { resourceTemplates: [{ uriTemplate: 'x:{id}' }, { uriTemplate: `${name}:{id}` }] },
      'completion/complete': ({ params }) => ({ ok: true, result: { completion: { values: [name] }, params } }),
    },
  });
  const servers = { files: completing('files'), mail: completing('mail') };
  const argument = { name: 'id', value: 'a' };

  test('of a prompt is asked of its server, under its own name', async () => {
    const { engine } = serving(servers);
    const params = {
      ref: { type: 'ref/prompt', name: 'mail__ask', title: 'T' },
      argument,
      context: { odd: 1 },
      _meta: { a: 1 },
    };
    expect(await ask(engine, 'completion/complete', params)).toEqual({
      completion: { values: ['mail'] },
      params: { ...params, ref: { type: 'ref/prompt', name: 'ask', title: 'T' } },
    });
  });

  test.each([
    ['marshal:mail/x:{id}', 'x:{id}'],
    ['mail:{id}', 'mail:{id}'],
    ['mail:1', 'mail:1'],
  ])('of a resource is asked of the server that has it (%s)', async (uri, own) => {
    const { engine } = serving(servers);
    const params = { ref: { type: 'ref/resource', uri }, argument };
    expect(await ask(engine, 'completion/complete', params)).toEqual({
      completion: { values: ['mail'] },
      params: { ...params, ref: { type: 'ref/resource', uri: own } },
    });
  });

  test('of a template that two servers have is refused with those that say which', async () => {
    const { engine } = serving(servers);
    const params = { ref: { type: 'ref/resource', uri: 'x:{id}' }, argument };
    await expect(ask(engine, 'completion/complete', params)).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining('marshal:files/x:{id} or marshal:mail/x:{id}'),
    });
  });

  test('of something that we do not know goes to the server that does', async () => {
    const files: Served = { answers: { 'completion/complete': failing(-32602, 'unknown ref') } };
    const { engine } = serving({ files, mail: completing('mail') });
    const params = { ref: { type: 'ref/vendor', x: 1 }, argument };
    expect(await ask(engine, 'completion/complete', params)).toMatchObject({ params });
    await expect(ask(serving({ files, mail: files }).engine, 'completion/complete', params)).rejects.toMatchObject({
      message: 'unknown ref',
    });
  });

  test('of nothing is refused', async () => {
    const { engine } = serving(servers);
    await expect(ask(engine, 'completion/complete', { argument })).rejects.toMatchObject({ code: -32602 });
    const none = serving({ files: { capabilities: {} }, mail: { capabilities: {} } });
    for (const ref of [{}, { type: 'ref/prompt' }, { type: 'ref/resource', uri: 'x:a' }]) {
      await expect(ask(none.engine, 'completion/complete', { ref })).rejects.toMatchObject({
        code: expect.any(Number),
      });
    }
  });
});

describe('the level of log messages', () => {
  test('is set for all servers', async () => {
    const { engine, levels } = serving({ files: {} });
    expect(await ask(engine, 'logging/setLevel', { level: 'warning' })).toEqual({});
    expect(levels).toEqual(['warning']);
  });

  test.each([undefined, 'warn', 'DEBUG', 5, null, '__proto__'])('cannot be %j', async (level) => {
    const { engine, levels } = serving({ files: {} });
    const params = level === undefined ? {} : { level };
    await expect(ask(engine, 'logging/setLevel', params)).rejects.toMatchObject({ code: -32602 });
    expect(levels).toEqual([]);
  });
});

describe('a task of 2025-11-25', () => {
  const made = { task: { taskId: 't1', status: 'working', vendor: 1 } };
  const tasks = (name: string): Served => ({
    answers: {
      'tasks/get': ({ params }) => ({ ok: true, result: { of: name, params } }),
      'tasks/list': { tasks: [{ taskId: 't1', of: name }, { taskId: 'foreign' }] },
    },
  });
  const options = {
    tools: [makeTool('work')],
    answer: () => ({ ok: true, result: made }) as const,
  };
  const call = { name: 'mail__work', arguments: {}, task: { ttl: 1_000 } };

  test('is asked about at the server whose call made it', async () => {
    const { engine } = serving({ mail: tasks('mail'), files: tasks('files') }, options);
    expect(await ask(engine, 'tools/call', call)).toEqual(made);
    expect(await ask(engine, 'tasks/get', { taskId: 't1', x: 1 })).toEqual({
      of: 'mail',
      params: { taskId: 't1', x: 1 },
    });
  });

  test("is its client's alone: another one neither finds nor lists it", async () => {
    const servers = { mail: tasks('mail'), files: tasks('files') };
    const mine = serving(servers, options);
    await ask(mine.engine, 'tools/call', call);
    expect(entriesIn(await ask(mine.engine, 'tasks/list'), 'tasks')).toEqual([{ taskId: 't1', of: 'mail' }]);
    const { engine, requests } = serving(servers, options);
    expect(entriesIn(await ask(engine, 'tasks/list'), 'tasks')).toEqual([]);
    for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel', 'tasks/vendor']) {
      await expect(ask(engine, method, { taskId: 't1' })).rejects.toMatchObject({
        code: -32602,
        message: 'Task not found: t1',
      });
    }
    expect(requests.filter(({ method }) => method !== 'tasks/list')).toEqual([]);
  });

  test('is remembered only where the client wanted one, and as one of a thousand', async () => {
    let serial = 0;
    const answer = () => ({ ok: true, result: { task: { taskId: `t${serial++}` } } }) as const;
    const { engine } = serving({ mail: tasks('mail') }, { ...options, answer });
    const { task: _, ...plain } = call;
    await ask(engine, 'tools/call', plain);
    await expect(ask(engine, 'tasks/get', { taskId: 't0' })).rejects.toMatchObject({ code: -32602 });
    for (let index = 0; index < 1_001; index++) await ask(engine, 'tools/call', call);
    await expect(ask(engine, 'tasks/get', { taskId: 't1' })).rejects.toMatchObject({ code: -32602 });
    expect(await ask(engine, 'tasks/get', { taskId: 't2' })).toMatchObject({ of: 'mail' });
  });

  test.each([undefined, 5])('cannot be asked about without its id (%j)', async (taskId) => {
    const { engine } = serving({ mail: tasks('mail') });
    await expect(ask(engine, 'tasks/get', taskId === undefined ? {} : { taskId })).rejects.toMatchObject({
      code: -32602,
    });
  });
});
