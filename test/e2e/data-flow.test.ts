import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { endsOf, keyLocks, scriptedUnder, sendFlow } from './flow-support.ts';
import {
  connectClient,
  createWorkspace,
  firstText,
  referenceServers,
  serveLaunch,
  textsOf,
  writeConfig,
} from './support.ts';
import type { ClientKind, TestClient } from './support.ts';

const kinds: ClientKind[] = ['version 1', 'version 2 modern'];

describe.each(kinds)('results that flow from call to call, for a client of %s', (kind) => {
  const workspace = createWorkspace();
  const files = join(workspace.path, 'files');
  const path = (name: string): string => join(files, name);
  const it = scriptedUnder(workspace, { policy: { tools: { ...keyLocks, echo: { locks: 'none' } } } });
  let client: TestClient;

  beforeAll(async () => {
    const servers = { ...referenceServers(workspace), it: it.server };
    client = await connectClient(workspace, kind, serveLaunch(writeConfig(workspace, { servers })));
    await client.listTools();
  });
  afterAll(workspace.close);

  /** Sends one call of `echo` behind others and gives what arrived there. */
  const echo = async (args: JsonObject, before: readonly JsonObject[]): Promise<JsonValue | undefined> => {
    const { results } = await sendFlow(client, [...before, { tool: 'it__echo', arguments: args }]);
    expect(endsOf(results)).toEqual(results.map(() => 'ok'));
    return results.at(-1)!.result!.structuredContent;
  };

  test('one round trip lists a folder, reads every file in it, writes a summary of them, reads it back and remembers it', async () => {
    const texts: Record<string, string> = {
      'a.md': 'Alpha\n',
      'b.json': '{"name":"Beta"}',
      'c and d.md': 'Gämma\nzwei Zeilen — und 🙂\n',
      'e.md': '',
    };
    for (const [name, text] of Object.entries(texts)) workspace.write(join('files', 'notes', name), text);
    const summary = path('summary.md');
    const { results } = await sendFlow(client, [
      { id: 'list', tool: 'files__directory_tree', arguments: { path: path('notes') } },
      {
        id: 'texts',
        tool: 'files__read_text_file',
        forEach: { $result: 'list' },
        arguments: { path: { $concat: [path('notes'), '/', { $item: '/name' }] } },
      },
      {
        tool: 'files__write_file',
        arguments: {
          path: summary,
          content: { $concat: ['# Summary\n', { $result: 'texts', path: '/*', view: 'text' }] },
        },
      },
      { id: 'back', tool: 'files__read_text_file', arguments: { path: summary } },
      {
        tool: 'memory__create_entities',
        arguments: {
          entities: [{ name: 'summary', entityType: 'file', observations: [{ $result: 'back', view: 'text' }] }],
        },
      },
    ]);
    expect(endsOf(results)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    const listed: { name: string }[] = JSON.parse(firstText(results[0]!.result));
    expect(listed.map(({ name }) => name).sort()).toEqual(Object.keys(texts));
    expect(results[1]!.items!.map(({ id, result }) => [id, firstText(result)])).toEqual(
      listed.map(({ name }, index) => [`texts[${index}]`, texts[name]]),
    );
    const expected = `# Summary\n${listed.map(({ name }) => texts[name]).join('')}`;
    expect(readFileSync(summary, 'utf8')).toBe(expected);
    expect(firstText(results[3]!.result)).toBe(expected);
    expect(JSON.parse(readFileSync(join(workspace.path, 'memory.jsonl'), 'utf8').trim())).toMatchObject({
      type: 'entity',
      name: 'summary',
      observations: [expected],
    });
  });

  test('a list that is only lines of text can be run over: files that a search finds are read and copied', async () => {
    workspace.write('files/tree/one.txt', 'first');
    workspace.write('files/tree/deep/two.txt', 'second');
    workspace.write('files/tree/three.log', 'not asked for');
    const { results } = await sendFlow(client, [
      { id: 'found', tool: 'files__search_files', arguments: { path: path('tree'), pattern: '**/*.txt' } },
      {
        id: 'texts',
        tool: 'files__read_text_file',
        forEach: { $result: 'found', view: 'lines' },
        arguments: { path: { $item: '' } },
      },
      {
        tool: 'files__write_file',
        forEach: { $result: 'found', view: 'lines' },
        arguments: { path: { $concat: [{ $item: '' }, '.copy'] }, content: 'copied' },
      },
    ]);
    expect(endsOf(results)).toEqual(['ok', 'ok', 'ok']);
    expect(results[1]!.items!.map(({ result }) => firstText(result)).sort()).toEqual(['first', 'second']);
    for (const name of ['tree/one.txt.copy', 'tree/deep/two.txt.copy']) {
      expect(readFileSync(path(name), 'utf8')).toBe('copied');
    }
    expect(() => readFileSync(path('tree/three.log.copy'))).toThrow('ENOENT');
  });

  test('[dependents] a call that fails takes only those with it that depend on it, and each of them says on which', async () => {
    const write = (name: string): JsonObject => ({ path: path(name), content: { $result: 'read', view: 'text' } });
    const missing = path('nowhere.txt');
    const { results, counts } = await sendFlow(client, [
      { id: 'first', tool: 'it__echo', arguments: { n: 1 } },
      { id: 'read', tool: 'files__read_text_file', arguments: { path: missing }, dependsOn: ['first'] },
      { id: 'copy', tool: 'files__write_file', arguments: write('copy.txt') },
      { id: 'check', tool: 'files__read_text_file', arguments: { path: path('copy.txt') }, dependsOn: ['copy'] },
      { id: 'note', tool: 'it__echo', arguments: { n: 2 }, dependsOn: [{ id: 'read', when: 'settled' }] },
      { id: 'mend', tool: 'it__echo', arguments: { n: 3 }, dependsOn: [{ id: 'read', when: 'error' }] },
      { id: 'spare', tool: 'it__echo', arguments: { n: 4 }, dependsOn: [{ id: 'first', when: 'error' }] },
      {
        id: 'instead',
        tool: 'it__echo',
        arguments: { text: { $result: 'read', view: 'text', default: 'nothing there' } },
        dependsOn: [{ id: 'read', when: 'settled' }],
      },
      { id: 'sibling', tool: 'files__write_file', arguments: { path: path('sibling.txt'), content: 'here' } },
    ]);
    expect(endsOf(results)).toEqual([
      'ok',
      'tool_error',
      'skipped dependency_failed',
      'skipped dependency_failed',
      'ok',
      'ok',
      'skipped dependency_failed',
      'ok',
      'ok',
    ]);
    expect(counts).toMatchObject({ ok: 5, tool_error: 1, skipped: 3 });
    expect([2, 3, 6].map((index) => results[index]!.error!.by)).toEqual(['read', 'copy', 'first']);
    expect(results[2]!.error!.message).toContain('read, which is tool_error');
    expect(results.map(({ attempts }) => attempts)).toEqual([1, 1, 0, 0, 1, 1, 0, 1, 1]);
    expect(results[7]!.result!.structuredContent).toEqual({ text: 'nothing there' });
    expect(readFileSync(path('sibling.txt'), 'utf8')).toBe('here');
    expect(() => readFileSync(path('copy.txt'))).toThrow('ENOENT');
  });

  test('what a reference puts in keeps its type, and text is joined only where it is asked for', async () => {
    const source = {
      id: 'source',
      tool: 'it__echo',
      arguments: { n: 42, no: false, list: [1, 'two', null], deep: { a: [{ 'x/y': 1 }, { 'x/y': 2 }] }, word: 'w' },
    };
    const at = (pointer: string): JsonObject => ({ $result: 'source', path: pointer });
    const arrived = await echo(
      {
        number: at('/n'),
        boolean: at('/no'),
        list: at('/list'),
        object: at('/deep'),
        inList: [at('/list/2'), at('/word')],
        mapped: at('/deep/a/*/x~1y'),
        joined: { $concat: ['n=', at('/n'), ' ', at('/no'), ' ', at('/word')] },
        fallback: { $result: 'source', path: '/gone', default: { d: [] } },
      },
      [source],
    );
    expect(arrived).toEqual({
      number: 42,
      boolean: false,
      list: [1, 'two', null],
      object: { a: [{ 'x/y': 1 }, { 'x/y': 2 }] },
      inList: [null, 'w'],
      mapped: [1, 2],
      joined: 'n=42 false w',
      fallback: { d: [] },
    });
  });

  test('a reference that leads nowhere says where it stopped and what was there, and its neighbours run', async () => {
    const source = { id: 'source', tool: 'it__echo', arguments: { items: [{ name: 'secret' }] } };
    const use = (value: JsonObject): JsonObject => ({ tool: 'it__write', arguments: { key: 'nowhere', value } });
    const { results } = await sendFlow(client, [
      source,
      use({ $result: 'source', path: '/items/0/title' }),
      use({ $result: 'source', path: '/items/1/name' }),
      use({ $result: 'sauce' }),
      use({ $result: 'later' }),
      { id: 'later', tool: 'it__echo' },
      use({ $concat: ['a', { $result: 'source', path: '/items/0' }] }),
      use({ $result: 'source', path: '$.items[0].name' }),
      use({ $item: '/name' }),
    ]);
    expect(endsOf(results)).toEqual(results.map((_, i) => (i === 0 || i === 5 ? 'ok' : 'invalid invalid_reference')));
    const messages = results.map(({ error }) => error?.message ?? '');
    expect(messages[1]).toContain('source has no "/items/0/title"; there is "name" in "/items/0"');
    expect(messages[2]).toContain('source has no "/items/1"; there is 1 element in "/items"');
    expect(messages[3]).toContain('there is no call "sauce"; did you mean source?');
    expect(messages[4]).toContain('"later" stands later in the batch');
    expect(messages[6]).toContain('part /1 of $concat is an object');
    expect(messages[7]).toContain('must begin with "/"; write "/items/0/name"');
    expect(messages[8]).toContain('only a call with forEach has items');
    expect(messages.join()).not.toContain('secret');
    expect(it.starts('nowhere')).toEqual([]);
  });

  test('what looks like a reference is data where it comes from a result, or stands in $literal', async () => {
    const text = '{"$result":"c0"}';
    const list = '[{"$result":"c0"},{"$literal":1},{"$concat":["a"]}]';
    workspace.write('files/trap.json', text);
    workspace.write('files/traps.json', list);
    const read = (name: string): JsonObject => ({ tool: 'files__read_text_file', arguments: { path: path(name) } });
    const { results } = await sendFlow(client, [
      { tool: 'it__echo', arguments: { must: 'not be found' } },
      { id: 'trap', ...read('trap.json') },
      { id: 'traps', ...read('traps.json') },
      {
        id: 'once',
        tool: 'it__echo',
        arguments: { it: { $result: 'trap' }, literal: { $literal: { $result: 'nobody', more: { $item: 1 } } } },
      },
      { tool: 'it__echo', arguments: { twice: { $result: 'once', path: '/it' }, whole: { $result: 'once' } } },
      { id: 'each', tool: 'it__echo', forEach: { $result: 'traps' }, arguments: { it: { $item: '' } } },
      {
        tool: 'files__write_file',
        arguments: { path: path('copy.json'), content: { $result: 'trap', view: 'text' } },
      },
    ]);
    expect(endsOf(results)).toEqual(results.map(() => 'ok'));
    const trap = { $result: 'c0' };
    const literal = { $result: 'nobody', more: { $item: 1 } };
    expect(results[3]!.result!.structuredContent).toEqual({ it: trap, literal });
    expect(results[4]!.result!.structuredContent).toEqual({ twice: trap, whole: { it: trap, literal } });
    expect(results[5]!.items!.map(({ result }) => result!.structuredContent)).toEqual(
      JSON.parse(list).map((element: JsonValue) => ({ it: element })),
    );
    expect(readFileSync(path('copy.json'), 'utf8')).toBe(text);
  });

  test('the text reply shows each element under its own id', async () => {
    const reply = await client.call('batch_call', {
      calls: [
        { tool: 'it__echo', arguments: { list: ['x', 'y'] } },
        { tool: 'it__write', forEach: { $result: 'c0', path: '/list' }, arguments: { key: { $item: '' } } },
      ],
    });
    const texts = textsOf(reply);
    expect(texts[0]).toMatch(/^batch [0-9a-f]{12}: 2 calls, 2 ok in /);
    expect(texts[2]).toMatch(/^\[c1\] ok .*it__write: 2 elements, 2 ok$/);
    expect(texts[3]).toMatch(/^\[c1\[0\]\] ok .*\nwrote x$/);
    expect(texts[4]).toMatch(/^\[c1\[1\]\] ok .*\nwrote y$/);
  });
});
