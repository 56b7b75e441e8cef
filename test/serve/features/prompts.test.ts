import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Engine } from '../../../src/serve/engine.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { requestOf, type StubRequest } from '../stub-engine.ts';
import { entriesIn, failing, hanging, serving, type Served } from './serving.ts';

const long = 'a-very-long-name-'.repeat(6);

/** A server with these prompts; each answers with its own name. */
function prompting(...names: string[]): Served {
  return {
    answers: {
      'prompts/list': { prompts: names.map((name) => ({ name, arguments: [] })) },
      'prompts/get': ({ params, server }) => ({
        ok: true,
        result: { description: `${server}: ${JSON.stringify(params)}`, messages: [] },
      }),
    },
  };
}

async function namesOf(engine: Engine): Promise<unknown[]> {
  return entriesIn(await handleRequest(engine, requestOf('prompts/list', {})), 'prompts').map(({ name }) => name);
}

function get(engine: Engine, name: unknown, params: JsonObject = {}): Promise<JsonObject> {
  return handleRequest(engine, requestOf('prompts/get', { ...params, ...(typeof name === 'string' && { name }) }));
}

function asked(requests: readonly StubRequest[]): string[] {
  return requests.map(
    ({ server, method, params }) =>
      `${server} ${method}${method === 'prompts/get' ? ` ${JSON.stringify(params['name'])}` : ''}`,
  );
}

describe('the name of a prompt', () => {
  test('is prefixed like that of a tool, and so no two servers collide', async () => {
    const { engine } = serving({ files: prompting('ask', 'sum'), mail: prompting('ask') });
    expect(await namesOf(engine)).toEqual(['files__ask', 'files__sum', 'mail__ask']);
  });

  test('is its own under naming bare, but where two servers have it', async () => {
    const servers = { files: prompting('ask', 'sum'), mail: prompting('ask') };
    expect(await namesOf(serving(servers, { naming: 'bare' }).engine)).toEqual(['files__ask', 'sum', 'mail__ask']);
  });

  test('is cut at 64 characters and mended, and ends in a hash', async () => {
    const { engine } = serving({ files: prompting(long, 'two words') });
    const names = await namesOf(engine);
    expect(names).toEqual([
      expect.stringMatching(/^files__a-very.*_[0-9a-f]{8}$/),
      expect.stringMatching(/^files__two_words_[0-9a-f]{8}$/),
    ]);
    expect(String(names[0])).toHaveLength(64);
  });

  test('that a server lists twice is listed once', async () => {
    expect(await namesOf(serving({ files: prompting('ask', 'ask') }).engine)).toEqual(['files__ask']);
  });
});

describe('a prompt', () => {
  test('is asked for under its own name; params and result pass unchanged', async () => {
    const result = { odd: 1, messages: [{ role: 'user', content: { type: 'hologram', x: [] } }], _meta: { a: 1 } };
    const { engine, requests } = serving({ files: { answers: { 'prompts/get': result } }, mail: prompting() });
    const params = { arguments: { a: 'b' }, vendor: [1], _meta: { traceparent: 't' } };
    expect(JSON.stringify(await get(engine, 'files__ask', params))).toBe(JSON.stringify(result));
    expect(requests.map((request) => request.params)).toEqual([{ ...params, name: 'ask' }]);
  });

  test('is found by its prefixed name, though nobody has listed anything, and no other server is asked', async () => {
    const { engine, requests } = serving({ files: prompting('ask'), mail: { answers: { 'prompts/list': hanging } } });
    await get(engine, 'files__ask');
    await get(engine, 'files/ask');
    expect(asked(requests)).toEqual(['files prompts/get "ask"', 'files prompts/get "ask"']);
  });

  test('is found by the name of the list, also one that was cut', async () => {
    const servers = { files: prompting(long), mail: prompting('ask') };
    const [name] = await namesOf(serving(servers).engine);
    const { engine, requests } = serving(servers);
    await get(engine, name);
    expect(requests.at(-1)).toMatchObject({ server: 'files', method: 'prompts/get', params: { name: long } });
    await get(engine, name);
    expect(requests.filter(({ method }) => method === 'prompts/list')).toHaveLength(2);
  });

  test('of a server that names it like a cut name is found all the same', async () => {
    const { engine, requests } = serving({ files: prompting('x_0123abcd') });
    await get(engine, 'files__x_0123abcd');
    expect(requests.at(-1)).toMatchObject({ params: { name: 'x_0123abcd' } });
  });

  test('is found by its bare name where one server alone has it', async () => {
    const { engine, requests } = serving({ files: prompting('ask'), mail: prompting('send') });
    await get(engine, 'send');
    expect(requests.at(-1)).toMatchObject({ server: 'mail', params: { name: 'send' } });
  });

  test('of two servers is refused under its bare name, with those that say which', async () => {
    const { engine } = serving({ files: prompting('ask'), mail: prompting('ask') }, { naming: 'bare' });
    await expect(get(engine, 'ask')).rejects.toMatchObject({
      code: -32602,
      message: 'Unknown prompt: ask; it may be files__ask or mail__ask',
    });
  });

  test.each(['prefixed', 'bare'] as const)(
    'that reads as the address of another server is found under the same names before the first list as after (%s)',
    async (naming) => {
      const servers = { a: prompting('x', 'b__y'), b: prompting('a__x', 'a__z', 'a/x', 'a__b__y') };
      const listed = serving(servers, { naming });
      const names = await namesOf(listed.engine);
      for (const name of [...names, 'a__x', 'a/x', 'b/a__x', 'b__a__z']) {
        const fresh = serving(servers, { naming });
        await get(fresh.engine, name).catch(() => {});
        await get(listed.engine, name).catch(() => {});
        const [first, after] = [fresh, listed].map(({ requests }) => requests.at(-1));
        expect([name, first?.server, first?.params['name']]).toEqual([name, after?.server, after?.params['name']]);
      }
    },
  );

  test('that nobody has is refused', async () => {
    const { engine } = serving({ files: prompting('ask'), mail: prompting('ask') });
    await expect(get(engine, 'nothing')).rejects.toMatchObject({
      code: -32602,
      message: 'Unknown prompt: nothing; see prompts/list',
    });
  });

  test("of the only server with prompts is that server's business, and so is its error", async () => {
    const error = failing(-32050, 'no such prompt', { a: [1] });
    const { engine, requests } = serving(
      { files: { answers: { 'prompts/get': error } }, mail: { capabilities: {} } },
      { naming: 'bare' },
    );
    await expect(get(engine, 'nothing')).rejects.toMatchObject({
      code: -32050,
      message: 'no such prompt',
      data: { a: [1] },
    });
    expect(asked(requests)).toEqual(['files prompts/get "nothing"']);
  });

  test('is still found while its server does not answer for its list', async () => {
    const files = prompting('ask', long);
    const { engine, clock, requests } = serving({ files, mail: prompting('send') });
    const [, name] = await namesOf(engine);
    files.answers!['prompts/list'] = hanging;
    const listed = namesOf(engine);
    await clock.pass(4_000);
    expect(await listed).toEqual(['mail__send']);
    await get(engine, name);
    expect(requests.at(-1)).toMatchObject({ server: 'files', params: { name: long } });
  });

  test.each([undefined, 5, null])('needs a name that is one (%j)', async (name) => {
    await expect(get(serving({ files: prompting() }).engine, name)).rejects.toMatchObject({ code: -32602 });
  });
});

describe('a prompt or resource of a modern server that asks for input first', () => {
  const question = { method: 'elicitation/create', params: { mode: 'form', message: 'which?' } };
  const wants = { resultType: 'input_required', inputRequests: { q: question }, requestState: 'opaque' };
  const files: Served = {
    era: 'modern',
    answers: {
      'prompts/get': ({ params }) => ({
        ok: true,
        result: params['inputResponses'] === undefined ? wants : { got: params },
      }),
    },
  };

  test('asks a modern client with its result, unchanged', async () => {
    const { engine } = serving({ files });
    const request = requestOf('prompts/get', { name: 'files__ask' }, { era: 'modern' });
    expect(await handleRequest(engine, request)).toEqual(wants);
  });

  test('asks a legacy client with a question, and gets the answer', async () => {
    const { engine } = serving({ files });
    const ask = () => Promise.resolve({ ok: true, result: { action: 'accept', content: { a: 1 } } } as const);
    const request = requestOf('prompts/get', { name: 'files__ask' }, { ask });
    expect(await handleRequest(engine, request)).toEqual({
      got: { name: 'ask', inputResponses: { q: { action: 'accept', content: { a: 1 } } }, requestState: 'opaque' },
    });
  });
});
