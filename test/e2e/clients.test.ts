import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isJsonObject } from '../../src/core/json.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Tool } from '../../src/core/tool.ts';
import { until } from '../upstream/support.ts';
import {
  clientKinds,
  connectClient,
  createWorkspace,
  firstText,
  fixtureServer,
  lastResult,
  readLog,
  referenceServers,
  sendBatch,
  serveLaunch,
  textsOf,
  writeConfig,
} from './support.ts';
import type { TestClient } from './support.ts';

describe.each(clientKinds)('a client of %s in front of the filesystem, memory and everything servers', (kind) => {
  const workspace = createWorkspace();
  const note = join(workspace.path, 'files', 'note.txt');
  const direct = new Map<string, TestClient>();
  let client: TestClient;

  beforeAll(async () => {
    const servers = referenceServers(workspace);
    writeFileSync(note, 'first line\nsecond line\n');
    const config = writeConfig(workspace, { servers });
    await Promise.all([
      connectClient(workspace, kind, serveLaunch(config)).then((connected) => (client = connected)),
      ...Object.entries(servers).map(async ([name, launch]) => {
        direct.set(name, await connectClient(workspace, kind, launch));
      }),
    ]);
  });
  afterAll(workspace.close);

  test('speaks the newest era that it knows', () => {
    expect(client.protocolVersion).toBe(kind === 'version 2 modern' ? '2026-07-28' : '2025-11-25');
  });

  test('sees every tool of every server under its own name, with nothing lost but what policy repairs', async () => {
    const listed = new Map((await listOf(client)).map((tool) => [tool.name, tool]));
    const expected = ['batch_read', 'batch_call', 'batch_await', 'batch_cancel'];
    for (const [server, alone] of direct) {
      for (const tool of await listOf(alone)) {
        const name = `${server}__${tool.name}`;
        expected.push(name);
        // The hints that decide over running side by side and asking are policy's; everything else is the server's own.
        expect(withoutPolicyHints(listed.get(name))).toEqual({ ...withoutPolicyHints(tool), name });
      }
    }
    expect([...listed.keys()].sort()).toEqual(expected.sort());
    expect(expected.length).toBeGreaterThan(30);
    // The server gives this one no hint at all that it reads only; the policy's rule does.
    expect(listed.get('memory__read_graph')!.annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false });
    expect(listed.get('files__write_file')!.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true });
    expect(listed.get('files__move_file')!.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: false });
  });

  test('[transparent] a call by itself gives what the server gives to the same client, results and mistakes alike', async () => {
    const calls: [string, string, JsonObject][] = [
      ['files', 'read_text_file', { path: note, head: 1 }],
      ['files', 'list_directory', { path: join(workspace.path, 'files') }],
      ['files', 'read_text_file', { path: '/etc/hostname' }],
      ['memory', 'create_entities', { entities: [] }],
      ['every', 'get-sum', { a: 20, b: 22 }],
      ['every', 'get-sum', { a: 'not a number', b: 22 }],
      ['every', 'get-structured-content', { location: 'New York' }],
      ['every', 'get-tiny-image', {}],
      ['every', 'get-annotated-message', { messageType: 'error', includeImage: true }],
      ['every', 'get-resource-links', { count: 2 }],
    ];
    for (const [server, tool, args] of calls) {
      const alone = direct.get(server)!;
      const [proxied, own] = [await client.call(`${server}__${tool}`, args), await alone.call(tool, args)];
      expect(withoutIdentity(proxied), `${tool} ${JSON.stringify(args)}`).toEqual(own);
    }
  });

  test('[transparent] progress of a call by itself comes as the server reports it', async () => {
    const seen: JsonObject[] = [];
    const before = client.received().length;
    const args = { duration: 0.2, steps: 4 };
    const result = await client.call('every__trigger-long-running-operation', args, {
      onProgress: (progress) => seen.push(progress),
    });
    expect(firstText(result)).toContain('Long running operation completed');
    const came = client
      .received()
      .slice(before)
      .filter(({ method }) => method === 'notifications/progress');
    const steps = [1, 2, 3, 4].map((progress) => ({ progress, total: 4 }));
    expect(came.map(({ params }) => withoutToken(params))).toEqual(steps);
    // Version 1 loses progress that it reads together with the result.
    expect(seen.slice(0, 3)).toEqual(steps.slice(0, 3));
  });

  test('progress of a batch is one counter that rises to the number of calls', async () => {
    const calls = [1, 2, 3, 4, 5].map((n) => ({ tool: 'every__echo', arguments: { message: String(n) } }));
    await sendBatch(client, [...calls, { tool: 'files__no_such_tool' }], { onProgress: () => {} });
    const came = client.received().filter(({ method }) => method === 'notifications/progress');
    const seen = came.slice(-6).map(({ params }) => withoutToken(params));
    expect(seen.map(({ progress }) => progress)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(seen.map(({ total }) => total)).toEqual([6, 6, 6, 6, 6, 6]);
    expect(seen.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^\d\/6 every__echo \d+ ms$/));
  });

  test('a batch across three servers comes back in the order asked, as text or structured', async () => {
    const calls = [
      { tool: 'every__trigger-long-running-operation', arguments: { duration: 0.1, steps: 1 } },
      { tool: 'files/read_text_file', arguments: { path: note } },
      { tool: 'memory.read_graph' },
      { tool: 'mcp__marshal__every__get-sum', arguments: '{"a": 1, "b": 2}' },
    ];
    const reply = await sendBatch(client, calls);
    expect(reply).toMatchObject({ isError: false, status: 'completed' });
    expect(reply.results.map(({ id, status }) => [id, status])).toEqual(
      ['c0', 'c1', 'c2', 'c3'].map((id) => [id, 'ok']),
    );
    expect(firstText(reply.results[1]!.result)).toBe('first line\nsecond line\n');
    expect(firstText(reply.results[3]!.result)).toContain('3');

    const text = await client.call('batch_call', { calls });
    expect(text['structuredContent']).toBeUndefined();
    const blocks = textsOf(text);
    expect(blocks[0]).toMatch(/^batch [0-9a-f]{12}: 4 calls, 4 ok in /);
    expect(blocks).toHaveLength(5);
    expect(blocks[2]).toMatch(/^\[c1\] ok \d+ ms files__read_text_file\nfirst line\nsecond line/);
  });

  test('[policy] batch_read runs reads, and refuses a batch with a write whole, naming the call', async () => {
    const read = { tool: 'files__read_text_file', arguments: { path: note } };
    const write = { tool: 'files__write_file', arguments: { path: note, content: 'changed' }, id: 'change' };
    const refused = await client.call('batch_read', { calls: [read, write] });
    expect(refused['isError']).toBe(true);
    expect(firstText(refused)).toContain('change');
    expect(firstText(refused)).toContain('files__write_file');
    const passed = await client.call('batch_read', { calls: [read, read] });
    expect(passed['isError']).toBeUndefined();
    expect(JSON.stringify(passed)).toContain('first line');
    expect(JSON.stringify(passed)).not.toContain('changed');
  });
});

describe.each(clientKinds)('a client of %s in front of a server that does what it is told', (kind) => {
  const workspace = createWorkspace();
  const log = join(workspace.path, 'calls.jsonl');
  const server = fixtureServer('scripted.mjs', [], { SCRIPT_LOG: log });
  let client: TestClient;

  beforeAll(async () => {
    client = await connectClient(
      workspace,
      kind,
      serveLaunch(writeConfig(workspace, { servers: { it: { ...server } } })),
    );
  });
  afterAll(workspace.close);

  const events = (event: string, key: string): number =>
    readLog(log).filter((line) => line.event === event && line.key === key).length;

  test('[transparent] `_meta` goes to the server as the client sent it', async () => {
    const meta = {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'example.com/own': { deep: [1] },
    };
    const answer: unknown = JSON.parse(firstText(await client.call('it__meta', {}, { meta })));
    expect(answer).toEqual(meta);
  });

  test('a batch continues the trace of its client', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const reply = await sendBatch(client, [{ tool: 'it__meta' }], { meta: { traceparent, 'example.com/own': 1 } });
    expect(JSON.parse(firstText(reply.results[0]!.result))).toEqual({ traceparent });
  });

  test('[transparent] `_meta`, unknown fields and unknown content types come back as the server sent them', async () => {
    // A client of the modern era refuses such a result, whoever sends it; what matters is that it arrives.
    await client.call('it__odd').catch(() => {});
    expect(withoutIdentity(lastResult(client))).toEqual({
      content: [
        { type: 'hologram', beams: [1, 2] },
        { type: 'text', text: 'plain', 'x-note': 'kept' },
      ],
      'x-unknown': { nested: [null, 1] },
      _meta: { 'example.com/trace': 'abc' },
      // Every result of the modern era has this.
      ...(kind === 'version 2 modern' && { resultType: 'complete' }),
    });
  });

  test('[transparent] an error comes with the code, the words and the data that the server gave it', async () => {
    const direct = await connectClient(workspace, kind, server);
    for (const error of [{ code: -32055, data: { why: ['deep', 1] } }, { code: -32602 }, { code: 7, data: 'text' }]) {
      const own = await failureOf(direct.call('rpc_error', error));
      expect(own).toMatchObject({ code: error.code, message: expect.stringContaining('refused by script') });
      expect(await failureOf(client.call('it__rpc_error', error))).toEqual(own);
    }
    await direct.close();
  });

  test('a tool that nobody has is an error that offers the nearest names', async () => {
    const { code, message } = await failureOf(client.call('it__ech'));
    expect(code).toBe(-32602);
    expect(message).toContain('it__echo');
  });

  test('[transparent] cancelling a call by itself cancels it at the server', async () => {
    const controller = new AbortController();
    const call = client.call('it__read', { key: `alone ${kind}`, ms: 60_000 }, { signal: controller.signal });
    await until(() => events('start', `alone ${kind}`) === 1);
    controller.abort();
    await expect(call).rejects.toBeInstanceOf(Error);
    await until(() => events('cancelled', `alone ${kind}`) === 1);
  });

  test('cancelling a batch cancels what runs and starts nothing more', async () => {
    const controller = new AbortController();
    const key = `batch ${kind}`;
    const calls = Array.from({ length: 5 }, (_, n) => ({ tool: 'it__read', arguments: { key, ms: 60_000, n } }));
    const reply = sendBatch(client, calls, { signal: controller.signal, batch: { maxParallel: 2 } });
    await until(() => events('start', key) === 2);
    controller.abort();
    await expect(reply).rejects.toBeInstanceOf(Error);
    await until(() => events('cancelled', key) === 2);
    // Whatever the batch would still have sent was sent before this.
    await client.call('it__echo');
    expect(events('start', key)).toBe(2);
  });

  test('a changed list of tools is announced, and the new tool works', async () => {
    const before = client.listChanges();
    const known = new Set((await client.listTools()).map(({ name }) => name));
    await client.call('it__change_tools');
    await until(() => client.listChanges() > before);
    const added = (await client.listTools()).filter(({ name }) => !known.has(name));
    expect(added.map(({ name }) => name)).toEqual(['it__new_1']);
    expect(firstText(await client.call('it__new_1'))).toBe('new_1');
  });
});

/** What a server lists, as it came. */
async function listOf(client: TestClient): Promise<Tool[]> {
  await client.listTools();
  const { tools }: { tools: Tool[] } = JSON.parse(JSON.stringify(lastResult(client)));
  return tools;
}

function withoutPolicyHints(tool: Tool | undefined): Partial<Tool> {
  const { readOnlyHint: _read, destructiveHint: _destructive, ...annotations } = tool?.annotations ?? {};
  return { ...tool, annotations };
}

/** Results of the modern era name the server that gives them, which is the proxy for those that come through it. */
function withoutIdentity(result: Record<string, unknown>): object {
  const { _meta, ...rest } = result;
  if (!isJsonObject(_meta)) return result;
  const { 'io.modelcontextprotocol/serverInfo': serverInfo, ...meta } = _meta;
  if (serverInfo !== undefined) expect(serverInfo).toMatchObject({ name: 'marshal' });
  return { ...rest, ...(Object.keys(meta).length > 0 && { _meta: meta }) };
}

function withoutToken(params: unknown): JsonObject {
  const { progressToken: _token, ...rest } = isJsonObject(params) ? params : {};
  return rest;
}

/** How a call failed, as its client tells it. */
async function failureOf(call: Promise<unknown>): Promise<{ code: unknown; message: string; data: unknown }> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error('expected the call to fail');
  const { code, data } = error as Error & { code?: unknown; data?: unknown };
  return { code, message: error.message, data };
}
