import { describe, expect, test } from 'vitest';
import { ownToolNames } from '../../../src/batch/own-tools.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Reply } from '../../../src/core/protocol/rpc.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { deepJson, recordingLogger } from '../../upstream/support.ts';
import { requestOf, stubEngine, type StubRequest } from '../stub-engine.ts';
import { away, cursorIn, entriesIn, failing, hanging, serving } from './serving.ts';

function resources(...uris: string[]): JsonObject {
  return { resources: uris.map((uri) => ({ uri, name: uri })) };
}

function list(engine: Parameters<typeof handleRequest>[0], method: string, params: JsonObject = {}) {
  return handleRequest(engine, requestOf(method, params));
}

/** Pages of three entries until `count` are listed. */
function paged(count: number): (request: StubRequest) => Reply {
  return ({ params: { cursor } }) => {
    const start = typeof cursor === 'string' ? Number(cursor.slice(3)) : 0;
    const page = Array.from({ length: Math.min(3, count - start) }, (_, index) => `x:${start + index}`);
    const more = start + 3 < count && { nextCursor: `at:${start + 3}` };
    return { ok: true, result: { ...resources(...page), ...more } };
  };
}

function urisOf(result: JsonObject): string[] {
  return entriesIn(result, 'resources').map(({ uri }) => (typeof uri === 'string' ? uri : 'none'));
}

describe('the lists of several servers', () => {
  const kinds = [
    ['resources/list', 'resources', 'uri', 'x:'],
    ['resources/templates/list', 'resourceTemplates', 'uriTemplate', 'x:{id}/'],
    ['prompts/list', 'prompts', 'name', ''],
  ] as const;

  test.each(kinds)('are one list in the order of the configuration (%s)', async (method, field, key, start) => {
    const of = (id: string) => ({ answers: { [method]: { [field]: [{ [key]: start + id, icons: [{ odd: id }] }] } } });
    const { engine } = serving({ mail: of('m'), files: of('f'), notes: { capabilities: { tools: {} } } });
    const prefix = (server: string): string => (method === 'prompts/list' ? `${server}__` : '');
    expect(await list(engine, method)).toEqual({
      [field]: [
        { [key]: `${prefix('mail')}${start}m`, icons: [{ odd: 'm' }] },
        { [key]: `${prefix('files')}${start}f`, icons: [{ odd: 'f' }] },
      ],
    });
  });

  test('are asked for side by side, and of those servers alone that have such a list', async () => {
    const answers = { 'resources/list': resources('x:a') };
    const { engine, requests } = serving({
      files: { answers },
      mail: { answers },
      notes: { capabilities: { prompts: {} } },
    });
    await list(engine, 'resources/list', { vendor: 1, _meta: { traceparent: 't' } });
    expect(requests.map(({ server, params }) => [server, params])).toEqual([
      ['files', { vendor: 1, _meta: { traceparent: 't' } }],
      ['mail', { vendor: 1, _meta: { traceparent: 't' } }],
    ]);
  });

  test('report no progress: the counters of several servers would run against each other', async () => {
    const counting = ({ onProgress }: StubRequest): Reply => {
      onProgress?.({ progress: 1 });
      return { ok: true, result: resources() };
    };
    const seen: unknown[] = [];
    const server = { answers: { 'resources/list': counting } };
    const { engine } = serving({ files: server, mail: server });
    const changes = { progressToken: 't', notify: (notice: unknown) => void seen.push(notice) };
    await handleRequest(engine, requestOf('resources/list', {}, changes));
    expect(seen).toEqual([]);
  });

  test('are read to their last page', async () => {
    const { engine } = serving({
      files: { answers: { 'resources/list': paged(10) } },
      mail: { answers: { 'resources/list': resources('y:1') } },
    });
    const uris = urisOf(await list(engine, 'resources/list'));
    expect(uris).toEqual([...Array.from({ length: 10 }, (_, index) => `x:${index}`), 'y:1']);
  });

  test('end at 100 pages, and where a cursor comes again; the log says so', async () => {
    const { logger, lines } = recordingLogger();
    const again = (): Reply => ({ ok: true, result: { ...resources('y:1'), nextCursor: 'again' } });
    const { engine, requests } = serving(
      { files: { answers: { 'resources/list': paged(400) } }, mail: { answers: { 'resources/list': again } } },
      { logger },
    );
    expect(urisOf(await list(engine, 'resources/list'))).toHaveLength(302);
    expect(requests.filter(({ server }) => server === 'files')).toHaveLength(100);
    expect(requests.filter(({ server }) => server === 'mail')).toHaveLength(2);
    expect(lines()).toMatchObject([{ server: 'files', msg: expect.stringContaining('more than 100 pages') }]);
  });

  test('end at 10,000 entries of one server; the log says so', async () => {
    const { logger, lines } = recordingLogger();
    const many = resources(...Array.from({ length: 10_001 }, (_, index) => `x:${index}`));
    const { engine } = serving({ files: { answers: { 'resources/list': many } } }, { logger });
    let count = 0;
    for (let params: JsonObject | undefined = {}; params !== undefined;) {
      const page: JsonObject = await list(engine, 'resources/list', params);
      count += urisOf(page).length;
      params = page['nextCursor'] === undefined ? undefined : { cursor: cursorIn(page) };
    }
    expect(count).toBe(10_000);
    expect(lines()).toMatchObject([{ server: 'files', msg: expect.stringContaining('10000 entries') }]);
  });

  test('a server that hangs is left out after four seconds, and asked no more; the log says so', async () => {
    const { logger, lines } = recordingLogger();
    const { engine, clock, requests } = serving(
      { files: { answers: { 'resources/list': hanging } }, mail: { answers: { 'resources/list': resources('y:1') } } },
      { logger },
    );
    const answer = list(engine, 'resources/list');
    await clock.pass(3_999);
    expect(requests[0]?.signal?.aborted).toBe(false);
    await clock.pass(1);
    expect(urisOf(await answer)).toEqual(['y:1']);
    expect(requests[0]?.signal?.aborted).toBe(true);
    expect(lines()).toMatchObject([{ server: 'files', reason: 'files did not answer resources/list within 4 s' }]);
    expect(clock.timers()).toBe(0);
  });

  test('a server that is not there, or answers with an error, is left out; the log says so', async () => {
    const { logger, lines } = recordingLogger();
    const { engine, clock } = serving(
      {
        files: { answers: { 'resources/list': away } },
        mail: { answers: { 'resources/list': failing(-32000, 'no') } },
        notes: { answers: { 'resources/list': resources('y:1') } },
      },
      { logger },
    );
    expect(urisOf(await list(engine, 'resources/list'))).toEqual(['y:1']);
    expect(lines()).toMatchObject([{ server: 'files' }, { server: 'mail', reason: 'no' }]);
    expect(clock.timers()).toBe(0);
  });

  test('are refused with the first error where no server answers otherwise', async () => {
    const { engine } = serving({
      files: { answers: { 'resources/list': failing(-32050, 'no', { deep: [1] }) } },
      mail: { answers: { 'resources/list': away } },
    });
    await expect(list(engine, 'resources/list')).rejects.toMatchObject({
      code: -32050,
      message: 'no',
      data: { deep: [1] },
    });
  });

  test('are empty where no server has any, or none knows the method', async () => {
    const { engine } = serving({
      files: { capabilities: { resources: {} } },
      mail: { capabilities: { resources: {} } },
    });
    expect(await list(engine, 'resources/templates/list')).toEqual({ resourceTemplates: [] });
    expect(await list(engine, 'prompts/list')).toEqual({ prompts: [] });
  });

  test('wait on a first start until the servers have said what they have', async () => {
    const waits: string[] = [];
    const answers = { 'prompts/list': { prompts: [] } };
    const { engine } = serving({ files: { answers } }, { listable: () => waits.push('waited') });
    await list(engine, 'prompts/list');
    expect(waits).toEqual(['waited']);
  });

  test('are not read on for a client that has cancelled', async () => {
    const controller = new AbortController();
    const { engine, requests } = serving({
      files: { answers: { 'resources/list': hanging } },
      mail: { answers: { 'resources/list': hanging } },
    });
    void handleRequest(engine, requestOf('resources/list', {}, { signal: controller.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect(requests.map(({ signal }) => signal?.aborted)).toEqual([true, true]);
  });

  test('keep an entry out that nobody could ask for, or that cannot be passed on', async () => {
    const { logger, lines } = recordingLogger();
    const deep = { uri: 'x:deep', _meta: JSON.parse(deepJson(2_000)) };
    const odd = [null, 5, 'x:a', {}, { uri: 7 }, deep, { uri: 'x:good' }];
    const { engine } = serving({ files: { answers: { 'resources/list': { resources: odd } } } }, { logger });
    expect(await list(engine, 'resources/list')).toEqual({ resources: [{ uri: 'x:good' }] });
    expect(lines()).toMatchObject([{ msg: expect.stringContaining('6 entries without uri') }]);
  });

  test.each([undefined, null, 'none', {}, 5])('take %j in the place of a list as an empty one', async (odd) => {
    const { engine } = serving({
      files: { answers: { 'resources/list': { ...(odd !== undefined && { resources: odd }) } } },
    });
    expect(await list(engine, 'resources/list')).toEqual({ resources: [] });
  });
});

describe('a server that alone has a list', () => {
  test('gives it with everything that stands beside it, byte for byte', async () => {
    const sent = {
      _meta: { v: { w: [null] } },
      prompts: [{ name: 'ask', odd: { a: 1 } }],
      x: [1, { y: 'z' }],
      ttlMs: 7,
    };
    const { engine } = serving({ files: { answers: { 'prompts/list': sent } } }, { naming: 'bare' });
    expect(JSON.stringify(await list(engine, 'prompts/list'))).toBe(JSON.stringify(sent));
  });

  test('answers with its own error, unchanged', async () => {
    const { engine } = serving({
      files: { answers: { 'prompts/list': failing(-32050, 'odd', { nested: [{ a: null }] }) } },
      mail: { capabilities: { tools: {} } },
    });
    const error = { code: -32050, message: 'odd', data: { nested: [{ a: null }] } };
    await expect(list(engine, 'prompts/list')).rejects.toMatchObject(error);
  });

  test('has all the time that its client gives it', async () => {
    let answer = (_reply: Reply): void => {};
    const slow = (): Promise<Reply> => new Promise((resolve) => (answer = resolve));
    const { engine, clock } = serving({ files: { answers: { 'resources/list': slow } } });
    const listed = list(engine, 'resources/list');
    await clock.pass(60_000);
    answer({ ok: true, result: resources('x:late') });
    expect(urisOf(await listed)).toEqual(['x:late']);
  });

  test('reports its progress and its log messages to the client', async () => {
    const seen: unknown[] = [];
    const chatty = ({ onProgress, onNotice }: StubRequest): Reply => {
      onProgress?.({ progress: 1, total: 2, progressToken: 'ours', odd: true });
      onNotice?.({ method: 'notifications/message', params: { level: 'info' } });
      return { ok: true, result: resources() };
    };
    const { engine } = serving({ files: { answers: { 'resources/list': chatty } } });
    const changes = { progressToken: 0, notify: (notice: unknown) => void seen.push(notice) };
    await handleRequest(engine, requestOf('resources/list', {}, changes));
    expect(seen).toEqual([
      { method: 'notifications/progress', params: { progress: 1, total: 2, progressToken: 0, odd: true } },
      { method: 'notifications/message', params: { level: 'info' } },
    ]);
  });
});

test('a server that stands alone is asked for a list that it does not declare, and its answer is what there is', async () => {
  const { engine } = serving({
    files: { capabilities: {}, answers: { 'prompts/list': failing(-32601, 'no prompts here') } },
  });
  await expect(list(engine, 'prompts/list')).rejects.toMatchObject({ code: -32601, message: 'no prompts here' });
});

describe('what stands beside merged lists', () => {
  const list2 = async (a: JsonObject, b: JsonObject) => {
    const { engine } = serving({
      files: { answers: { 'resources/list': { resources: [], ...a } } },
      mail: { answers: { 'resources/list': { resources: [], ...b } } },
    });
    return list(engine, 'resources/list');
  };

  test('is that of the first server that says it; `_meta` is joined', async () => {
    const merged = await list2({ a: 1, _meta: { k: 1, f: 1 } }, { a: 2, b: 2, _meta: { k: 2, m: 2 } });
    expect(merged).toEqual({ resources: [], a: 1, b: 2, _meta: { k: 1, f: 1, m: 2 } });
  });

  test('may be kept as briefly as the briefest part, and is as private as the most private one', async () => {
    const merged = await list2({ ttlMs: 500, cacheScope: 'public' }, { ttlMs: 40, cacheScope: 'private' });
    expect(merged).toMatchObject({ ttlMs: 40, cacheScope: 'private' });
    expect(await list2({ ttlMs: 500, cacheScope: 'public' }, { ttlMs: 600, cacheScope: 'public' })).toMatchObject({
      ttlMs: 500,
      cacheScope: 'public',
    });
  });

  test('may not be kept where one server says nothing of it, and does not speak of it where none does', async () => {
    expect(await list2({ ttlMs: 500, cacheScope: 'public' }, {})).toMatchObject({ ttlMs: 0, cacheScope: 'private' });
    expect(await list2({}, {})).toEqual({ resources: [] });
  });

  test('has keys such as __proto__ as plain fields', async () => {
    const odd: JsonObject = JSON.parse('{"__proto__":{"polluted":1},"constructor":2}');
    const merged = await list2({ _meta: odd }, { _meta: { own: 1 } });
    expect(JSON.stringify(merged['_meta'])).toBe('{"__proto__":{"polluted":1},"constructor":2,"own":1}');
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('tools/list', () => {
  test('carries on what servers say beside their tools', async () => {
    const { engine } = stubEngine({
      servers: ['files', 'mail'],
      tools: [makeTool('read')],
      offers: {
        files: { toolList: { ttlMs: 9_000, cacheScope: 'public', _meta: { a: 1 }, vendor: { x: 1 } } },
        mail: { toolList: { ttlMs: 100, cacheScope: 'public' } },
      },
    });
    expect(await list(engine, 'tools/list')).toMatchObject({
      tools: [{}, {}, {}, {}, { name: 'files__read' }],
      ttlMs: 100,
      _meta: { a: 1 },
      vendor: { x: 1 },
    });
  });

  test('is for the client that asked: another one may see other tools, and under other names', async () => {
    const { engine } = stubEngine({
      tools: [makeTool('read')],
      offers: { files: { toolList: { ttlMs: 9_000, cacheScope: 'public' } } },
    });
    expect(await list(engine, 'tools/list')).toMatchObject({ ttlMs: 9_000, cacheScope: 'private' });
  });

  test('says nothing of caching where no server does', async () => {
    const { engine } = stubEngine({ tools: [makeTool('read')] });
    expect(Object.keys(await list(engine, 'tools/list'))).toEqual(['tools']);
  });

  const schemas = {
    text: { type: 'string' },
    tree: { anyOf: [{ $ref: '#/$defs/n' }], $defs: { n: { type: 'object' } } },
  };
  const odd = [
    { ...makeTool('text'), outputSchema: schemas.text },
    { ...makeTool('tree'), outputSchema: schemas.tree },
  ];

  test.each(['modern', undefined] as const)(
    'shows a legacy client an object where a server that is %s has a tool with another output',
    async (era) => {
      const { engine } = stubEngine({ tools: odd, offers: { files: era === undefined ? {} : { era } } });
      const result = await list(engine, 'tools/list');
      expect(entriesIn(result, 'tools').slice(ownToolNames.length)).toMatchObject([
        { outputSchema: { type: 'object', properties: { result: schemas.text }, required: ['result'] } },
        { outputSchema: { properties: { result: { anyOf: [{ $ref: '#/properties/result/$defs/n' }] } } } },
      ]);
    },
  );

  test.each([
    ['modern', 'modern'],
    ['legacy', 'legacy'],
  ] as const)('shows a %s client the tools of a %s server as they are', async (client, era) => {
    const { engine } = stubEngine({ tools: odd, offers: { files: { era } } });
    const result = await handleRequest(engine, requestOf('tools/list', {}, { era: client }));
    expect(
      entriesIn(result, 'tools')
        .slice(ownToolNames.length)
        .map(({ outputSchema }) => outputSchema),
    ).toEqual([schemas.text, schemas.tree]);
  });
});
