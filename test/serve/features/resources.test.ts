import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Reply } from '../../../src/core/protocol/rpc.ts';
import type { Engine } from '../../../src/serve/engine.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { requestOf, type StubRequest } from '../stub-engine.ts';
import { away, entriesIn, failing, hanging, serving, type Served } from './serving.ts';

function read(engine: Engine, uri: unknown, params: JsonObject = {}): Promise<JsonObject> {
  return handleRequest(engine, requestOf('resources/read', { ...params, ...(typeof uri === 'string' && { uri }) }));
}

/** A server with these resources, which says whose they are. Any other is not found, in the words of 2025-11-25. */
function owner(name: string, uris: readonly string[], templates: readonly string[] = []): Served {
  return {
    answers: {
      'resources/list': { resources: uris.map((uri) => ({ uri, name: uri })) },
      'resources/templates/list': { resourceTemplates: templates.map((uriTemplate) => ({ uriTemplate, name })) },
      'resources/read': ({ params: { uri } }) =>
        typeof uri === 'string' && (uris.includes(uri) || uri.includes(`of-${name}`))
          ? { ok: true, result: { contents: [{ uri, text: name }] } }
          : { ok: false, error: { code: -32002, message: `${name} has no such resource` } },
    },
  };
}

function readers(requests: readonly StubRequest[]): string[] {
  return requests.filter(({ method }) => method === 'resources/read').map(({ server }) => server);
}

describe('a resource of the only server that has resources', () => {
  test('is read as it is: params, result and every unknown field, byte for byte', async () => {
    const sent = { odd: [1, { x: null }], contents: [{ uri: 'x:a', blob: '', vendor: {} }], _meta: { m: 1 } };
    const { engine, requests } = serving({
      files: { answers: { 'resources/read': sent } },
      mail: { capabilities: { tools: {} } },
    });
    const params = { vendor: { a: 1 }, _meta: { traceparent: 't' } };
    expect(JSON.stringify(await read(engine, 'x:a', params))).toBe(JSON.stringify(sent));
    expect(requests.map(({ server, method, params: got }) => [server, method, got])).toEqual([
      ['files', 'resources/read', { ...params, uri: 'x:a' }],
    ]);
  });

  test('is refused with the error of its server, unchanged', async () => {
    const { engine } = serving({
      files: { answers: { 'resources/read': failing(-32002, 'gone', { uri: 'x:a', n: [1] }) } },
    });
    const error = { code: -32002, message: 'gone', data: { uri: 'x:a', n: [1] } };
    await expect(read(engine, 'x:a')).rejects.toMatchObject(error);
  });

  test('brings questions of its server, progress and the level of the log along', async () => {
    const answers: Reply[] = [];
    const asking = async ({ ask, logLevel, signal }: StubRequest): Promise<Reply> => {
      answers.push(await ask!({ method: 'roots/list', params: {} }, signal!));
      return { ok: true, result: { contents: [], logLevel } };
    };
    const { engine } = serving({ files: { answers: { 'resources/read': asking } } });
    const roots: Reply = { ok: true, result: { roots: [] } };
    const request = requestOf(
      'resources/read',
      { uri: 'x:a' },
      { ask: () => Promise.resolve(roots), logLevel: 'debug' },
    );
    expect(await handleRequest(engine, request)).toMatchObject({ logLevel: 'debug' });
    expect(answers).toEqual([roots]);
  });
});

describe('a resource of one of several servers', () => {
  const three = () => ({
    files: owner('files', ['x:shared', 'x:files'], ['f://{id}', 'both://{id}']),
    mail: owner('mail', ['x:shared', 'm:mail'], ['both://{id}', 'mail://{+path}']),
    notes: owner('notes', ['n:notes']),
  });

  test('is listed as it is, and under the name of its server where two have it; so are templates', async () => {
    const { engine } = serving(three());
    const listed = await handleRequest(engine, requestOf('resources/list', {}));
    expect(entriesIn(listed, 'resources')).toEqual([
      { uri: 'marshal:files/x:shared', name: 'x:shared' },
      { uri: 'x:files', name: 'x:files' },
      { uri: 'marshal:mail/x:shared', name: 'x:shared' },
      { uri: 'm:mail', name: 'm:mail' },
      { uri: 'n:notes', name: 'n:notes' },
    ]);
    const templates = await handleRequest(engine, requestOf('resources/templates/list', {}));
    expect(entriesIn(templates, 'resourceTemplates').map(({ uriTemplate }) => uriTemplate)).toEqual([
      'f://{id}',
      'marshal:files/both://{id}',
      'marshal:mail/both://{id}',
      'mail://{+path}',
    ]);
  });

  test.each([
    ['m:mail', 'mail'],
    ['x:files', 'files'],
    ['n:notes', 'notes'],
  ])('is read from the server that lists it (%s), though nobody has listed anything before', async (uri, name) => {
    const { engine, requests } = serving(three());
    expect(await read(engine, uri)).toEqual({ contents: [{ uri, text: name }] });
    expect(readers(requests)).toEqual([name]);
  });

  test('has the lists of the servers read once, for all who ask', async () => {
    const { engine, requests } = serving(three());
    await Promise.all(['m:mail', 'x:files', 'n:notes', 'm:mail'].map((uri) => read(engine, uri)));
    await read(engine, 'n:notes');
    expect(requests.filter(({ method }) => method.endsWith('/list'))).toHaveLength(6);
  });

  test('has no list read again that the client has had already', async () => {
    const { engine, requests } = serving(three());
    await handleRequest(engine, requestOf('resources/list', {}));
    await read(engine, 'n:notes');
    expect(requests.filter(({ method }) => method === 'resources/templates/list')).toHaveLength(0);
    await read(engine, 'mail://of-mail');
    expect(requests.filter(({ method }) => method === 'resources/templates/list')).toHaveLength(3);
    expect(requests.filter(({ method }) => method === 'resources/list')).toHaveLength(3);
  });

  test('is read from the server that lists it now, after one has said that its list changed', async () => {
    const servers: Record<string, Served> = three();
    const { engine, requests, tell } = serving(servers);
    expect(await read(engine, 'm:mail')).toMatchObject({ contents: [{ text: 'mail' }] });
    servers['mail'] = owner('mail', []);
    servers['notes'] = owner('notes', ['m:mail']);
    tell({ server: 'mail', method: 'notifications/resources/updated', params: { uri: 'm:mail' } });
    await expect(read(engine, 'm:mail')).rejects.toMatchObject({ message: 'mail has no such resource' });
    tell({ server: 'mail', method: 'notifications/resources/list_changed', params: {} });
    expect(await read(engine, 'm:mail')).toMatchObject({ contents: [{ text: 'notes' }] });
    expect(await read(engine, 'x:files')).toMatchObject({ contents: [{ text: 'files' }] });
    expect(requests.filter(({ method }) => method === 'resources/list')).toHaveLength(6);
  });

  test('is read from the server that lists it now, also if the list changed while the old one was being read', async () => {
    const servers: Record<string, Served> = three();
    const { engine, tell } = serving(servers);
    servers['mail']!.answers!['resources/list'] = () => {
      servers['mail'] = owner('mail', []);
      servers['notes'] = owner('notes', ['m:mail']);
      tell({ server: 'mail', method: 'notifications/resources/list_changed', params: {} });
      return { ok: true, result: { resources: [{ uri: 'm:mail', name: 'm:mail' }] } };
    };
    await read(engine, 'x:files');
    expect(await read(engine, 'm:mail')).toMatchObject({ contents: [{ text: 'notes' }] });
  });

  test('that two servers list is refused under its bare URI, with those that name a server', async () => {
    const { engine, requests } = serving(three());
    await expect(read(engine, 'x:shared')).rejects.toMatchObject({
      code: -32602,
      message: expect.stringMatching(/marshal:files\/x:shared or marshal:mail\/x:shared/),
    });
    expect(readers(requests)).toEqual([]);
  });

  test('is read under the URI that names its server, and called so in the answer; nothing else is', async () => {
    const servers = three();
    const contents = [{ uri: 'x:shared', text: 'x:shared' }, { uri: 'x:part' }, 'odd', { uri: 5 }];
    servers.mail.answers!['resources/read'] = { contents, vendor: 'x:shared' };
    const { engine, requests } = serving(servers);
    expect(await read(engine, 'marshal:mail/x:shared')).toEqual({
      contents: [{ uri: 'marshal:mail/x:shared', text: 'x:shared' }, { uri: 'x:part' }, 'odd', { uri: 5 }],
      vendor: 'x:shared',
    });
    expect(requests.map(({ server, params }) => [server, params])).toEqual([['mail', { uri: 'x:shared' }]]);
  });

  test('that no list holds is read from the server with a template for it', async () => {
    const { engine, requests } = serving(three());
    expect(await read(engine, 'mail://of-mail/1')).toMatchObject({ contents: [{ text: 'mail' }] });
    expect(readers(requests)).toEqual(['mail']);
  });

  test('with templates of two servers is read from the first one that knows it', async () => {
    const { engine, requests } = serving(three());
    expect(await read(engine, 'both://of-mail')).toMatchObject({ contents: [{ text: 'mail' }] });
    await expect(read(engine, 'both://of-notes')).rejects.toMatchObject({ message: 'files has no such resource' });
    expect(readers(requests)).toEqual(['files', 'mail', 'files', 'mail']);
  });

  test('that nothing points to is looked for first where others of its scheme are, and then known', async () => {
    const { engine, requests } = serving(three());
    expect(await read(engine, 'n:of-notes')).toMatchObject({ contents: [{ text: 'notes' }] });
    expect(await read(engine, 'q:of-notes')).toMatchObject({ contents: [{ text: 'notes' }] });
    expect(await read(engine, 'q:of-notes')).toMatchObject({ contents: [{ text: 'notes' }] });
    expect(readers(requests)).toEqual(['notes', 'files', 'mail', 'notes', 'notes']);
  });

  test('that nobody knows is refused with the first error, unchanged', async () => {
    const { engine } = serving(three());
    await expect(read(engine, 'q:none')).rejects.toMatchObject({ code: -32002, message: 'files has no such resource' });
  });

  test.each([
    ['−32602 that names the URI', failing(-32602, 'x', { uri: 'q:of-mail' }), 'mail'],
    ['the words of the SDK, version 1', failing(-32602, 'MCP error -32602: Resource q:of-mail not found'), 'mail'],
    ['the same words without what stands before them', failing(-32602, 'Resource q:of-mail not found'), 'mail'],
    ['−32602 about something else', failing(-32602, 'The version of Resource q not found'), undefined],
    ['−32602 without one', failing(-32602, 'Resource not found', {}), undefined],
    ['−32603', failing(-32603, 'not found'), undefined],
    ['−32601', failing(-32601, 'not found'), undefined],
  ])('is looked for further after %s only if that means "not found"', async (_, error, found) => {
    const servers = three();
    servers.files.answers!['resources/read'] = error;
    const { engine } = serving(servers);
    const answer = read(engine, 'q:of-mail');
    if (found === undefined) await expect(answer).rejects.toMatchObject({ message: error.message });
    else expect(await answer).toMatchObject({ contents: [{ text: found }] });
  });

  test('is found behind a server that is not there, and if not, the client hears of that server', async () => {
    const servers = three();
    servers.files.answers!['resources/read'] = away;
    const { engine } = serving(servers);
    expect(await read(engine, 'q:of-mail')).toMatchObject({ contents: [{ text: 'mail' }] });
    await expect(read(engine, 'q:none')).rejects.toMatchObject({ data: { code: 'server_unavailable' } });
  });

  test('does not wait for a server that hangs, beyond the four seconds of its list', async () => {
    const servers = three();
    const hung = { 'resources/list': hanging, 'resources/templates/list': hanging, 'resources/read': hanging };
    const { engine, clock } = serving({ hung: { answers: hung }, ...servers });
    const listed = read(engine, 'm:mail');
    const unlisted = read(engine, 'q:of-notes');
    await clock.pass(4_000);
    expect(await listed).toMatchObject({ contents: [{ text: 'mail' }] });
    expect(await unlisted).toMatchObject({ contents: [{ text: 'notes' }] });
    expect(clock.timers()).toBe(0);
  });

  test('is not sent to another server after the client has cancelled', async () => {
    const controller = new AbortController();
    const servers = three();
    servers.files.answers!['resources/read'] = () => {
      controller.abort();
      return { ok: false, error: { code: -32002, message: 'cancelled' } };
    };
    const { engine, requests } = serving(servers);
    const request = requestOf('resources/read', { uri: 'q:of-mail' }, { signal: controller.signal });
    await expect(handleRequest(engine, request)).rejects.toMatchObject({ code: -32002 });
    expect(readers(requests)).toEqual(['files']);
  });
});

describe('a read that makes no sense', () => {
  test.each([undefined, 5, null])('has %j for a URI', async (uri) => {
    const { engine, requests } = serving({ files: owner('files', []) });
    await expect(read(engine, uri)).rejects.toMatchObject({ code: -32602 });
    expect(requests).toEqual([]);
  });

  test.each([
    ['legacy', -32002],
    ['modern', -32602],
  ] as const)('goes to servers of which none has resources, and a %s client hears %i', async (era, code) => {
    const { engine } = serving({ files: { capabilities: {} }, mail: { capabilities: {} } });
    const answer = handleRequest(engine, requestOf('resources/read', { uri: 'x:a' }, { era }));
    await expect(answer).rejects.toMatchObject({ code, data: { uri: 'x:a' } });
  });
});
