import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Engine } from '../../../src/serve/engine.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { requestOf, stubEngine } from '../stub-engine.ts';
import { cursorIn, entriesIn, serving } from './serving.ts';

function list(engine: Engine, method: string, params: JsonObject = {}): Promise<JsonObject> {
  return handleRequest(engine, requestOf(method, params));
}

function resources(count: number, version = 1): JsonObject {
  return { resources: Array.from({ length: count }, (_, index) => ({ uri: `x:${index}`, version })), vendor: true };
}

/** A server whose list is a new version each time that it is asked. */
function changing(count: number) {
  let version = 0;
  const answers = { 'resources/list': () => ({ ok: true, result: resources(count, ++version) }) as const };
  return serving({ files: { answers } });
}

describe('a list of more than 1,000 entries', () => {
  test('comes in pages of 1,000, each entry once, with what stands beside it on every page', async () => {
    const { engine } = serving({ files: { answers: { 'resources/list': resources(2_500) } } });
    const uris: unknown[] = [];
    const sizes: number[] = [];
    let cursor: JsonObject[string];
    do {
      const page = await list(engine, 'resources/list', cursor === undefined ? {} : { cursor });
      const entries = entriesIn(page, 'resources');
      expect(page['vendor']).toBe(true);
      sizes.push(entries.length);
      uris.push(...entries.map(({ uri }) => uri));
      cursor = page['nextCursor'];
    } while (cursor !== undefined);
    expect(sizes).toEqual([1_000, 1_000, 500]);
    expect(uris).toEqual(Array.from({ length: 2_500 }, (_, index) => `x:${index}`));
  });

  test('has no page behind its last full one', async () => {
    const { engine } = serving({ files: { answers: { 'resources/list': resources(2_000) } } });
    const cursor = cursorIn(await list(engine, 'resources/list'));
    expect(await list(engine, 'resources/list', { cursor })).not.toHaveProperty('nextCursor');
    const exact = serving({ files: { answers: { 'resources/list': resources(1_000) } } });
    expect(await list(exact.engine, 'resources/list')).not.toHaveProperty('nextCursor');
  });

  test('stays what it was while its pages are read, whatever its server lists meanwhile', async () => {
    const { engine, requests } = changing(1_500);
    const cursor = cursorIn(await list(engine, 'resources/list'));
    await list(engine, 'resources/list');
    const rest = await list(engine, 'resources/list', { cursor });
    expect(entriesIn(rest, 'resources').every(({ version }) => version === 1)).toBe(true);
    expect(requests).toHaveLength(2);
  });

  test('can be read again from the same cursor', async () => {
    const { engine } = changing(3_000);
    const cursor = cursorIn(await list(engine, 'resources/list'));
    expect(await list(engine, 'resources/list', { cursor })).toEqual(await list(engine, 'resources/list', { cursor }));
  });

  test('is kept for a minute from the last page', async () => {
    const { engine, clock } = changing(3_000);
    const second = cursorIn(await list(engine, 'resources/list'));
    await clock.pass(59_999);
    const third = cursorIn(await list(engine, 'resources/list', { cursor: second }));
    await clock.pass(59_999);
    expect(await list(engine, 'resources/list', { cursor: third })).toHaveProperty('resources');
    await clock.pass(60_000);
    await expect(list(engine, 'resources/list', { cursor: third })).rejects.toMatchObject({ code: -32602 });
    expect(clock.timers()).toBe(0);
  });

  test('gives way to sixteen others of the same client, and those to none of another client', async () => {
    const { engine } = changing(1_500);
    const other = changing(1_500);
    const others = cursorIn(await list(other.engine, 'resources/list'));
    const first = cursorIn(await list(engine, 'resources/list'));
    const second = cursorIn(await list(engine, 'resources/list'));
    for (let index = 0; index < 15; index++) await list(engine, 'resources/list');
    await expect(list(engine, 'resources/list', { cursor: first })).rejects.toMatchObject({ code: -32602 });
    expect(await list(engine, 'resources/list', { cursor: second })).toHaveProperty('resources');
    expect(await list(other.engine, 'resources/list', { cursor: others })).toHaveProperty('resources');
    await expect(list(engine, 'resources/list', { cursor: others })).rejects.toMatchObject({ code: -32602 });
  });

  test('holds tools, too', async () => {
    const tools = Array.from({ length: 1_200 }, (_, index) => makeTool(`tool${index}`));
    const { engine } = stubEngine({ tools });
    const first = await list(engine, 'tools/list');
    const rest = await list(engine, 'tools/list', { cursor: cursorIn(first) });
    const names = [...entriesIn(first, 'tools'), ...entriesIn(rest, 'tools')].map(({ name }) => name);
    expect(names).toHaveLength(1_203);
    expect(new Set(names).size).toBe(1_203);
  });
});

describe('a cursor that is none', () => {
  const odd = ['', 'x', 5, null, {}, [], '.', '.1000', 'AAAAAAAAAAAA.1000', '__proto__.1000'];

  test.each(['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list', 'tasks/list'])(
    'is refused as such by %s, and no server is asked',
    async (method) => {
      const { engine, requests } = serving({ files: { capabilities: { resources: {}, prompts: {} } } });
      for (const cursor of odd) {
        await expect(list(engine, method, { cursor })).rejects.toMatchObject({
          code: -32602,
          message: expect.stringContaining('Invalid cursor'),
        });
      }
      expect(requests).toEqual([]);
    },
  );

  test('is one of another list, or of a place that the list does not have', async () => {
    const { engine } = serving({ files: { answers: { 'resources/list': resources(1_500) } } });
    const cursor = cursorIn(await list(engine, 'resources/list'));
    const [id] = cursor.split('.');
    for (const wrong of [`${id}.2000`, `${id}.0`, `${id}.500`, `${id}.1000.0`, `${id}.1e3`, `${id}`, ` ${cursor}`]) {
      await expect(list(engine, 'resources/list', { cursor: wrong })).rejects.toMatchObject({ code: -32602 });
    }
    await expect(list(engine, 'resources/templates/list', { cursor })).rejects.toMatchObject({ code: -32602 });
  });
});
