import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProxy } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { silent, until } from '../upstream/support.ts';
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
import type { TestClient } from './support.ts';

describe('a call for each element', () => {
  const workspace = createWorkspace();
  const maxCalls = 12;
  const it = scriptedUnder(workspace, {
    policy: {
      // A call of `echo` is destructive, unless its mode says that it is safe.
      tools: { ...keyLocks, echo: { class: 'destructive', when: [{ args: { mode: 'safe' }, class: 'read' }] } },
    },
  });
  let client: TestClient;

  beforeAll(async () => {
    const config = writeConfig(workspace, { servers: { it: it.server }, batch: { maxCalls } });
    client = await connectClient(workspace, 'version 2 modern', serveLaunch(config));
    await client.listTools();
  });
  afterAll(workspace.close);

  /** A call whose result holds a list. */
  const listOf = (list: readonly (string | JsonObject)[]): JsonObject => ({
    id: 'list',
    tool: 'it__echo',
    arguments: { mode: 'safe', list: [...list] },
  });
  const perElement = (call: JsonObject): JsonObject => ({ forEach: { $result: 'list', path: '/list' }, ...call });
  const writeEach = (prefix: string): JsonObject =>
    perElement({ tool: 'it__write', arguments: { key: { $concat: [prefix, { $item: '' }] } } });
  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);
  const startsWith = (prefix: string): number => it.starts().filter(({ key }) => key?.startsWith(prefix)).length;

  test('a list longer than a batch may be is refused whole: nothing of it is sent, and its neighbours run', async () => {
    const { results } = await sendFlow(client, [
      listOf(names(maxCalls + 1)),
      writeEach('long/'),
      { tool: 'it__write', arguments: { key: 'beside' } },
    ]);
    expect(endsOf(results)).toEqual(['ok', 'invalid limit_exceeded', 'ok']);
    expect(results[1]!.error!.message).toContain('13 elements');
    expect(results[1]!.error!.message).toContain('at most 12');
    expect(startsWith('long/')).toBe(0);
    expect(startsWith('beside')).toBe(1);
  });

  test('all lists of a batch share one limit, so that one batch cannot be made into many', async () => {
    const half = maxCalls / 2 + 1;
    const { results } = await sendFlow(client, [listOf(names(half)), writeEach('one/'), writeEach('two/')]);
    expect(endsOf(results)).toEqual(['ok', 'ok', 'invalid limit_exceeded']);
    expect([startsWith('one/'), startsWith('two/')]).toEqual([half, 0]);
    const { results: exact } = await sendFlow(client, [listOf(names(maxCalls)), writeEach('exact/')]);
    expect(endsOf(exact)).toEqual(['ok', 'ok']);
    expect(exact[1]!.items).toHaveLength(maxCalls);
  });

  test('a list without elements is ok and sends nothing; what is no list says what it is', async () => {
    const { results } = await sendFlow(client, [
      listOf([]),
      writeEach('none/'),
      { forEach: { $result: 'list' }, tool: 'it__write', arguments: { key: { $concat: ['none/', { $item: '' }] } } },
    ]);
    expect(endsOf(results)).toEqual(['ok', 'ok', 'invalid invalid_reference']);
    expect(results[1]!.items).toEqual([]);
    expect(results[2]!.error!.message).toContain('did you mean path "/list"');
    expect(startsWith('none/')).toBe(0);
  });

  test('[policy] [isolation] each element is judged by its own arguments: the one that policy stops is stopped, the others run', async () => {
    const elements = ['safe', 'wild', 'safe', 'rough'].map((mode, n) => ({ mode, key: `judged/${n}` }));
    const judged = perElement({
      id: 'judged',
      tool: 'it__echo',
      arguments: { mode: { $item: '/mode' }, key: { $item: '/key' } },
    });
    const { results } = await sendFlow(client, [
      listOf(elements),
      judged,
      { tool: 'it__write', arguments: { key: 'judged/after' }, dependsOn: ['judged'] },
      {
        tool: 'it__write',
        arguments: { key: 'judged/anyway', value: { $result: 'judged', path: '/*/key' } },
        dependsOn: [{ id: 'judged', when: 'settled' }],
      },
      { tool: 'it__read', arguments: { key: 'judged/anyway' } },
    ]);
    expect(endsOf(results)).toEqual(['ok', 'denied approval_unavailable', 'skipped dependency_failed', 'ok', 'ok']);
    const items = results[1]!.items!;
    expect(endsOf(items)).toEqual(['ok', 'denied approval_unavailable', 'ok', 'denied approval_unavailable']);
    expect(items.map((item) => item.class)).toEqual(['read', 'destructive', 'read', 'destructive']);
    expect(results[1]!.error!.message).toContain('2 of 4 elements did not succeed; judged[1]:');
    expect(results[2]!.error!.by).toBe('judged');
    expect(results[4]!.result!.structuredContent).toEqual({ value: ['judged/0', 'judged/2'] });
    expect(
      it.starts().flatMap(({ key, tool }) => (tool === 'echo' && key?.startsWith('judged/') ? [key] : [])),
    ).toEqual(['judged/0', 'judged/2']);
  });

  test('[policy] batch_read goes by the worst that an element could be, and runs nothing', async () => {
    const before = it.starts().length;
    const each = perElement({ tool: 'it__echo', arguments: { mode: { $item: '' } } });
    const refused = await client.call('batch_read', { calls: [listOf(['safe']), each] });
    expect(refused['isError']).toBe(true);
    expect(firstText(refused)).toContain('c1 it__echo is destructive');
    expect(it.starts()).toHaveLength(before);
  });

  test('[order] elements that touch the same thing run in their order, others side by side', async () => {
    const keys = ['order/a', 'order/b', 'order/a', 'order/c', 'order/a'];
    const { results } = await sendFlow(client, [
      listOf(keys.map((key, n) => ({ key, n: String(n) }))),
      perElement({ tool: 'it__write', arguments: { key: { $item: '/key' }, value: { $item: '/n' }, ms: 50 } }),
      { tool: 'it__read', arguments: { key: 'order/a' } },
    ]);
    expect(endsOf(results)).toEqual(['ok', 'ok', 'ok']);
    expect(results[2]!.result!.structuredContent).toEqual({ value: '4' });
    const items = results[1]!.items!;
    for (const [before, after] of [
      [0, 2],
      [2, 4],
    ] as const) {
      expect(items[after]!.startedMs).toBeGreaterThanOrEqual(items[before]!.startedMs + items[before]!.runMs - 1);
    }
    for (const index of [1, 3]) expect(items[index]!.startedMs).toBeLessThan(items[0]!.startedMs + items[0]!.runMs);
  });

  test('a client that cancels in the middle of a list stops it there: nothing starts afterwards', async () => {
    const elements = names(maxCalls);
    const cancelling = new AbortController();
    const each = perElement({ tool: 'it__read', arguments: { key: { $concat: ['cancel/', { $item: '' }] }, ms: 150 } });
    const last = { tool: 'it__write', arguments: { key: 'cancel/last' } };
    const sent = sendFlow(client, [listOf(elements), each, last], {
      signal: cancelling.signal,
      batch: { maxParallel: 2 },
    });
    await until(() => startsWith('cancel/') === 4);
    cancelling.abort();
    await expect(sent).rejects.toThrow(/abort/i);
    // What was running is cancelled at the server as well.
    await until(() => it.events().filter(({ event }) => event === 'cancelled').length === 2);
    // As long as two more rounds of it would have taken.
    await client.call('it__sleep', { ms: 300 });
    expect(startsWith('cancel/')).toBe(4);
  });
});

describe('results that do not fit into the reply', () => {
  const workspace = createWorkspace();
  const maxReplyChars = 3_000;
  const { files } = referenceServers(workspace);
  const config = writeConfig(workspace, { servers: { files: files! }, batch: { maxReplyChars } });
  const texts = [
    Array.from({ length: 700 }, (_, i) => `line ${i} ${'é'.repeat(i % 30)}`).join('\n'),
    // Nowhere to cut but inside the line, and between the halves of a character.
    '🙂'.repeat(3_500),
    `${'word '.repeat(1_000)}\r\n\n\n${'x'.repeat(2_000)}\n`,
  ];
  const path = (index: number): string => join(workspace.path, 'files', `long-${index}.txt`);
  const calls = [
    { tool: 'files__read_text_file', arguments: { path: path(0) } },
    { id: 'list', tool: 'files__search_files', arguments: { path: join(workspace.path, 'files'), pattern: '*.txt' } },
    {
      id: 'each',
      tool: 'files__read_text_file',
      forEach: { $result: 'list', view: 'lines' },
      arguments: { path: { $item: '' } },
    },
  ];
  let client: TestClient;

  beforeAll(async () => {
    for (const [index, text] of texts.entries()) workspace.write(`files/long-${index}.txt`, text);
    client = await connectClient(workspace, 'version 1', serveLaunch(config));
    await client.listTools();
  });
  afterAll(workspace.close);

  /** The characters that a cut text says to go on from, and what stands below its head. */
  const readPart = (text: string): { batchId?: string; id?: string; offset?: number; shown: string } => {
    const end = text.indexOf('\n');
    const [head, shown] = end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
    const [, batchId, id, offset] = /batchId (\S+) id (\S+) offset (\d+)/.exec(head) ?? [];
    return { shown, ...(batchId && id && offset && { batchId, id, offset: Number(offset) }) };
  };

  /** Does what a cut text says, until it says no more; gives all pieces together. */
  const readOn = async (text: string): Promise<{ whole: string; rounds: number }> => {
    let part = readPart(text);
    let whole = part.shown;
    let rounds = 0;
    while (part.offset !== undefined) {
      const { batchId = '', id = '', offset } = part;
      const next = await client.call('batch_await', { batchId, id, offset });
      expect(next['isError']).not.toBe(true);
      expect(firstText(next).length).toBeLessThanOrEqual(maxReplyChars);
      part = readPart(firstText(next));
      expect(part.shown).not.toBe('');
      whole += part.shown;
      rounds++;
    }
    return { whole, rounds };
  };

  test('batch_await gives the rest of a call, and of one element of a list, exactly', async () => {
    const reply = textsOf(await client.call('batch_call', { calls }));
    expect(reply.join('\n').length).toBeLessThanOrEqual(maxReplyChars + reply.length);
    const parts = reply.slice(1);
    expect(parts.map((part) => /^\[(.+?)\] ok/.exec(part)?.[1])).toEqual([
      'c0',
      'list',
      'each',
      'each[0]',
      'each[1]',
      'each[2]',
    ]);
    const found = readPart(parts[1]!).shown.split('\n');
    const expected = found.map((file) => texts[Number(/(\d)\.txt$/.exec(file)![1])]!);
    expect(expected).toHaveLength(3);
    for (const [index, text] of [texts[0]!, ...expected].entries()) {
      // Behind the first call stand the list and the head of the call for each of its elements.
      const { whole, rounds } = await readOn(parts[index === 0 ? 0 : index + 2]!);
      expect(rounds).toBeGreaterThan(1);
      expect(whole === text).toBe(true);
    }
  });

  test('the structured reply says how much is missing, and batch_await begins wherever it is asked to', async () => {
    const { batchId, results } = await sendFlow(client, calls);
    const item = results[2]!.items![2]!;
    const whole = texts[Number(/(\d)\.txt$/.exec(firstText(results[1]!.result).split('\n')[2]!)![1])]!;
    expect(item.truncated!.of).toBe(whole.length);
    const first = firstText(item.result);
    expect(first.length).toBe(item.truncated!.chars);
    expect(whole.startsWith(first)).toBe(true);
    const offset = whole.length - 100;
    const end = await client.call('batch_await', { batchId, id: 'each[2]', offset });
    expect(readPart(firstText(end)).shown).toBe(whole.slice(offset));
    const beyond = await client.call('batch_await', { batchId, id: 'each[2]', offset: whole.length });
    expect(beyond['isError']).toBe(true);
    expect(firstText(beyond)).toContain('nothing stands at offset');
    const wrong = await client.call('batch_await', { batchId, id: 'each[3]' });
    expect(wrong['isError']).toBe(true);
    expect(firstText(wrong)).toContain('each has 3 elements: each[0] to each[2]');
    const again = await client.call('batch_await', { batchId });
    expect(firstText(again)).toContain(`batch ${batchId}: 3 calls, 3 ok`);
  });

  test('nobody else can read them: not a client of another process, and not another client of the same', async () => {
    const { batchId } = await sendFlow(client, calls);
    const stranger = await connectClient(workspace, 'version 2 modern', serveLaunch(config));
    const refused = await stranger.call('batch_await', { batchId, id: 'c0', offset: 0 });
    expect(refused['isError']).toBe(true);
    expect(firstText(refused)).toContain(`no batch "${batchId}" is kept`);
    expect(textsOf(refused).join('\n')).not.toContain('line 1');

    const proxy = createProxy({ config: await loadConfig({ file: config }), logger: silent });
    workspace.closeLater(() => proxy.close());
    proxy.start();
    const [owner, neighbour] = await Promise.all(
      ['version 1', 'version 2 modern'].map((kind) => {
        const [input, output] = [new PassThrough(), new PassThrough()];
        proxy.serveStdio({ input, output });
        return connectClient(workspace, kind === 'version 1' ? kind : 'version 2 modern', {
          input: output,
          output: input,
        });
      }),
    );
    const { batchId: own } = await sendFlow(owner!, calls);
    expect((await owner!.call('batch_await', { batchId: own, id: 'c0' }))['isError']).not.toBe(true);
    expect(firstText(await neighbour!.call('batch_await', { batchId: own, id: 'c0' }))).toContain('is kept');
  });
});
