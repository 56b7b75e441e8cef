// What belongs to one principal is "unknown or expired" to another: sessions, batches, tasks, idempotency keys, approvals, cached
// results and the states of questions. Two tokens of one proxy, in both eras, each trying what the other has.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { until } from '../upstream/support.ts';
import { createWorkspace, fixtureServer, readLog, startProxy, writeConfig, type Workspace } from './support.ts';

type Name = 'ann' | 'bob';

let workspace: Workspace;
let url: string;
const tokens = new Map<Name, string>();
const log = (): string => join(workspace.path, 'calls.log');

beforeAll(async () => {
  workspace = createWorkspace();
  const server = fixtureServer('scripted.mjs', [], { SCRIPT_LOG: log() });
  workspace.write(
    'policy.yaml',
    JSON.stringify({
      version: 1,
      write: ['write'],
      ask: ['big'],
      cache: '1h',
      tools: { read: { locks: [{ arg: 'key' }] } },
    }),
  );
  const config = writeConfig(workspace, {
    log: { level: 'info' },
    servers: { it: { ...server, policy: 'policy.yaml' } },
  });
  for (const name of ['ann', 'bob'] as const) {
    const made = startProxy(workspace, {
      args: ['token', 'create', name, '--scopes', 'read,write,destructive', '--config', config],
    });
    await made.exited;
    tokens.set(name, /mmt_[\w-]+/.exec(made.stdout())![0]);
  }
  const proxy = startProxy(workspace, { args: ['serve', '--http', '127.0.0.1:0', '--config', config] });
  await until(() => proxy.stderr().includes('/mcp'), 10_000);
  url = /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(proxy.stderr())![0];
  workspace.closeLater(() => proxy.signal('SIGTERM'));
}, 60_000);

afterAll(() => workspace.close());

describe('[apart] what belongs to one principal', () => {
  test('a session is not found under the token of another, whatever the method', async () => {
    const { sessionId } = await legacy('ann', 'initialize', opening);
    for (const method of ['POST', 'GET', 'DELETE'] as const) {
      const stolen = await ask('bob', {
        method,
        headers: { 'Mcp-Session-Id': sessionId! },
        ...(method === 'POST' && { body: { jsonrpc: '2.0', id: 9, method: 'tools/list' } }),
      });
      const unknown = await ask('bob', {
        method,
        headers: { 'Mcp-Session-Id': 'no-such-session' },
        ...(method === 'POST' && { body: { jsonrpc: '2.0', id: 9, method: 'tools/list' } }),
      });
      expect(stolen.status).toBe(404);
      expect(stolen.text).toBe(unknown.text);
    }
    expect(
      (await ask('ann', { headers: { 'Mcp-Session-Id': sessionId! }, body: { jsonrpc: '2.0', id: 2, method: 'ping' } }))
        .status,
    ).toBe(200);
  });

  test('a session without any token is 401, and not told from one that is not there', async () => {
    const { sessionId } = await legacy('ann', 'initialize', opening);
    const body = { jsonrpc: '2.0', id: 9, method: 'tools/list' };
    const [known, unknown] = await Promise.all(
      [sessionId!, 'nothing'].map((id) => ask(undefined, { headers: { 'Mcp-Session-Id': id }, body })),
    );
    expect([known!.status, unknown!.status]).toEqual([401, 401]);
    expect(known!.text).toBe(unknown!.text);
  });

  test.each(['batch_await', 'batch_cancel'])(
    '%s of a batch of another is answered as for one that never was',
    async (tool) => {
      const batchId = batchIdOf(
        await batch('ann', { calls: [{ tool: 'it__sleep', arguments: { ms: 1500 } }], deadlineMs: 600 }),
      );
      const stolen = textOf(await modern('bob', { name: tool, arguments: { batchId } }));
      const unknown = textOf(await modern('bob', { name: tool, arguments: { batchId: '0'.repeat(12) } }));
      expect(stolen).toBe(unknown.replace('0'.repeat(12), batchId));
      expect(textOf(await modern('ann', { name: 'batch_await', arguments: { batchId } }))).toContain('1 ok');
    },
  );

  test('an idempotency key is its own: another who writes the same runs its own batch', async () => {
    const calls = [{ tool: 'it__write', arguments: { key: 'shared-key' } }];
    const count = (): number =>
      readLog(log()).filter(({ event, key }) => event === 'start' && key === 'shared-key').length;
    await batch('ann', { calls, idempotencyKey: 'release-7' });
    await batch('ann', { calls, idempotencyKey: 'release-7' });
    expect(count()).toBe(1);
    const reply = structured(await batch('bob', { calls, idempotencyKey: 'release-7' }));
    expect(reply['status']).toBe('completed');
    expect(count()).toBe(2);
  });

  test('a cached result is not handed to another', async () => {
    const count = (): number => readLog(log()).filter(({ event, key }) => event === 'start' && key === 'cached').length;
    const calls = [{ tool: 'it__read', arguments: { key: 'cached' } }];
    await batch('ann', { calls });
    await batch('ann', { calls });
    expect(count()).toBe(1);
    await batch('bob', { calls });
    expect(count()).toBe(2);
  });

  test('the state of a question counts for nobody else, and once', async () => {
    const params = {
      name: 'batch_call',
      arguments: { calls: [{ tool: 'it__big', arguments: { bytes: 3, key: 'asked' } }], format: 'structured' },
    };
    const first = await modern('ann', params);
    expect(first['resultType']).toBe('input_required');
    const { requestState, inputRequests } = first;
    const key = Object.keys(isJsonObject(inputRequests) ? inputRequests : {})[0]!;
    const answered = {
      ...params,
      requestState,
      inputResponses: { [key]: { action: 'accept', content: { decision: 'yes' } } },
    };
    const sent = (): number =>
      readLog(log()).filter(({ event, key: given }) => event === 'start' && given === 'asked').length;
    await expect(modern('bob', answered)).rejects.toThrow(/another client/);
    expect(sent()).toBe(0);
    expect(structured(await modern('ann', answered))['status']).toBe('completed');
    expect(sent()).toBe(1);
    await expect(modern('ann', answered)).rejects.toThrow(/used already/);
    expect(sent()).toBe(1);
  });

  test('a yes for one principal is none for another', async () => {
    const calls = [{ tool: 'it__big', arguments: { bytes: 4, key: 'both' } }];
    for (const name of ['ann', 'bob'] as const) {
      const result = await modern(name, { name: 'batch_call', arguments: { calls } });
      expect(result['resultType']).toBe('input_required');
    }
  });

  test('a task of another is not there', async () => {
    const result = await modern(
      'ann',
      { name: 'batch_call', arguments: { calls: [{ tool: 'it__sleep', arguments: { ms: 1500 } }], deadlineMs: 600 } },
      { extensions: { 'io.modelcontextprotocol/tasks': {} } },
    );
    const taskId = taskIdOf(result);
    const stolen = request('bob', 'tasks/get', { taskId }, { extensions: { 'io.modelcontextprotocol/tasks': {} } });
    await expect(stolen).rejects.toThrow(/task/i);
    expect(
      await request('ann', 'tasks/get', { taskId }, { extensions: { 'io.modelcontextprotocol/tasks': {} } }),
    ).toMatchObject({ taskId });
  });
});

const opening = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'same', version: '1' } };

interface Answer {
  status: number;
  text: string;
  sessionId?: string;
}

async function ask(
  name: Name | undefined,
  wish: { method?: string; headers?: Record<string, string>; body?: object },
): Promise<Answer> {
  const { method = 'POST', headers = {}, body } = wish;
  const response = await fetch(url, {
    method,
    headers: {
      ...(name !== undefined && { Authorization: `Bearer ${tokens.get(name)}` }),
      Accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      'Content-Type': 'application/json',
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const sessionId = response.headers.get('mcp-session-id') ?? undefined;
  return { status: response.status, text: await response.text(), ...(sessionId !== undefined && { sessionId }) };
}

function legacy(name: Name, method: string, params: object): Promise<Answer> {
  return ask(name, { body: { jsonrpc: '2.0', id: 1, method, params } });
}

/** Sends a modern `tools/call` and resolves with its result; rejects with the error's message. */
function modern(name: Name, params: JsonObject, capabilities: JsonObject = {}): Promise<JsonObject> {
  return request(name, 'tools/call', params, capabilities);
}

async function request(name: Name, method: string, params: JsonObject, capabilities: JsonObject): Promise<JsonObject> {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': { elicitation: {}, ...capabilities },
    'io.modelcontextprotocol/clientInfo': { name: 'same', version: '1' },
  };
  const subject = params['name'] ?? params['taskId'];
  const headers = {
    'MCP-Protocol-Version': '2026-07-28',
    'Mcp-Method': method,
    ...(typeof subject === 'string' && { 'Mcp-Name': subject }),
  };
  const answer = await ask(name, {
    headers,
    body: { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } },
  });
  const messages = answer.text.startsWith('{')
    ? [answer.text]
    : answer.text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice(6)] : []));
  const { result, error }: { result?: JsonObject; error?: { message: string } } = JSON.parse(messages.at(-1) ?? '{}');
  if (result === undefined) throw new Error(error?.message ?? `no answer: ${answer.status} ${answer.text}`);
  return result;
}

function batch(name: Name, args: JsonObject): Promise<JsonObject> {
  return modern(name, { name: 'batch_call', arguments: { ...args, format: 'structured' } });
}

function structured(result: JsonObject): JsonObject {
  const { structuredContent } = result;
  if (!isJsonObject(structuredContent)) throw new Error(`no structured reply: ${JSON.stringify(result)}`);
  return structuredContent;
}

function batchIdOf(result: JsonObject): string {
  const { batchId } = structured(result);
  if (typeof batchId !== 'string') throw new Error(`no batch: ${JSON.stringify(result)}`);
  return batchId;
}

function taskIdOf(result: JsonObject): string {
  const id = isJsonObject(result['task']) ? result['task']['taskId'] : result['taskId'];
  if (typeof id !== 'string') throw new Error(`no task: ${JSON.stringify(result)}`);
  return id;
}

function textOf(result: JsonObject): string {
  const { content }: { content: { text?: string }[] } = JSON.parse(JSON.stringify(result));
  return content.map(({ text }) => text ?? '').join('\n');
}
