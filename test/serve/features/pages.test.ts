import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { ownToolNames } from '../../../src/batch/own-tools.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Era } from '../../../src/core/protocol/client.ts';
import type { Engine } from '../../../src/serve/engine.ts';
import { createPageBook } from '../../../src/serve/features/lists/page-book.ts';
import { handleRequest } from '../../../src/serve/handle-request.ts';
import { makeTool } from '../../policy/make-policy.ts';
import { createVirtualClock } from '../../schedule/virtual-clock.ts';
import { requestOf, stubEngine } from '../stub-engine.ts';
import { cursorIn, entriesIn, serving } from './serving.ts';

function list(engine: Engine, method: string, params: JsonObject = {}, era: Era = 'legacy'): Promise<JsonObject> {
  return handleRequest(engine, requestOf(method, params, { era }));
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

function listAsModern(engine: Engine, cursor?: string): Promise<JsonObject> {
  return list(engine, 'resources/list', cursor === undefined ? {} : { cursor }, 'modern');
}

function whole(count: number, version = 0) {
  const entries: JsonObject[] = Array.from({ length: count }, (_, index) => ({ uri: `x:${index}`, version }));
  return { method: 'resources/list', field: 'resources', entries, fields: {} };
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

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

  test('of modern clients, who may be many under one name, is not pushed out by twenty of them', async () => {
    const { engine } = changing(1_001);
    const cursors: string[] = [];
    for (let index = 0; index < 20; index++) cursors.push(cursorIn(await listAsModern(engine)));
    for (const cursor of cursors) expect(entriesIn(await listAsModern(engine, cursor), 'resources')).toHaveLength(1);
  });

  test('gives way to 256 others of modern clients, also those that differ only in what stands beside their entries', () => {
    const book = createPageBook(createVirtualClock());
    const cursors = Array.from({ length: 257 }, (_, ttlMs) =>
      cursorIn(book.first({ ...whole(1_001), fields: { ttlMs } }, 'modern')),
    );
    expect(() => book.next('resources/list', cursors[0])).toThrow('Invalid cursor');
    expect(book.next('resources/list', cursors[1])).toHaveProperty('resources');
  });

  test('gives way when 200,000 entries are kept, but for the newest, however long that is', () => {
    const book = createPageBook(createVirtualClock());
    const [small, large] = [50_000, 150_000].map((size) => cursorIn(book.first(whole(size), 'modern')));
    for (const cursor of [small, large]) expect(book.next('resources/list', cursor)).toHaveProperty('resources');
    const huge = cursorIn(book.first(whole(250_000), 'modern'));
    for (const cursor of [small, large]) expect(() => book.next('resources/list', cursor)).toThrow('Invalid cursor');
    expect(book.next('resources/list', huge)).toHaveProperty('resources');
  });

  test('is kept once for all who are given the same one', async () => {
    const { engine } = serving({
      files: { answers: { 'resources/list': () => ({ ok: true, result: resources(1_500) }) } },
    });
    const first = cursorIn(await list(engine, 'resources/list'));
    for (let index = 0; index < 20; index++) await list(engine, 'resources/list');
    expect(await list(engine, 'resources/list', { cursor: first })).toHaveProperty('resources');
    const { engine: other } = stubEngine({
      tools: Array.from({ length: 1_200 }, (_, index) => makeTool(`tool${index}`)),
    });
    const firstTools = cursorIn(await list(other, 'tools/list'));
    for (let index = 0; index < 20; index++) await list(other, 'tools/list');
    expect(await list(other, 'tools/list', { cursor: firstTools })).toHaveProperty('tools');
  });

  test('is another one where an entry, or what stands beside them, has changed', () => {
    const book = createPageBook(createVirtualClock());
    const given = whole(1_500);
    const changed = { ...given, entries: given.entries.with(1_400, { uri: 'x:1400', version: 2 }) };
    const beside = { ...given, fields: { ttlMs: 5 } };
    const cursors = [given, changed, beside].map((each) => cursorIn(book.first(each, 'legacy')));
    const pages = cursors.map((cursor) => book.next('resources/list', cursor));
    expect(pages.map((page) => entriesIn(page, 'resources')[400]?.['version'])).toEqual([0, 2, 0]);
    expect(pages.map(({ ttlMs }) => ttlMs)).toEqual([undefined, undefined, 5]);
  });

  test('is let go after its minute, though nobody asks for anything any more', async () => {
    const clock = createVirtualClock();
    const book = createPageBook(clock);
    const kept = [1, 2].map((version) => {
      const list = whole(1_500, version);
      book.first(list, 'legacy');
      return new WeakRef(list.entries);
    });
    expect(clock.timers()).toBe(1);
    await clock.pass(59_999);
    collectGarbage();
    expect(kept.filter((ref) => ref.deref() !== undefined)).toHaveLength(2);
    await clock.pass(1);
    collectGarbage();
    expect(kept.filter((ref) => ref.deref() !== undefined)).toHaveLength(0);
    expect(clock.timers()).toBe(0);
    // The book is still there: it is not for its own end that they have gone.
    expect(() => book.next('resources/list', 'x')).toThrow('Invalid cursor');
  });

  test('goes at once with its client', async () => {
    const clock = createVirtualClock();
    const kept = ((list) => {
      createPageBook(clock).first(list, 'legacy');
      return new WeakRef(list.entries);
    })(whole(1_500));
    await clock.pass(1);
    collectGarbage();
    expect(kept.deref()).toBeUndefined();
    await clock.runOut();
    expect(clock.timers()).toBe(0);
  });

  test('holds tools, too', async () => {
    const tools = Array.from({ length: 1_200 }, (_, index) => makeTool(`tool${index}`));
    const { engine } = stubEngine({ tools });
    const first = await list(engine, 'tools/list');
    const rest = await list(engine, 'tools/list', { cursor: cursorIn(first) });
    const names = [...entriesIn(first, 'tools'), ...entriesIn(rest, 'tools')].map(({ name }) => name);
    expect(names).toHaveLength(1_200 + ownToolNames.length);
    expect(new Set(names).size).toBe(1_200 + ownToolNames.length);
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
