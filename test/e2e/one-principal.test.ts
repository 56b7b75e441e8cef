// What one principal has with several sessions and tokens: what it has read counts in all of them, a yes for a session in that one, and
// what was taken back ends what runs without a request. And what carries no id is no way around policy.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../upstream/support.ts';
import { createWorkspace, fixtureServer, readLog, startProxy, writeConfig, type Workspace } from './support.ts';

let workspace: Workspace;
let config: string;
let url: string;
const tokens = new Map<string, string>();
const log = (): string => join(workspace.path, 'calls.log');
const naiveLog = (): string => join(workspace.path, 'naive.log');

/** Reads methods before ids, as servers do that were written by hand. */
const naive = `
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  let result = {};
  if (method === 'initialize') result = { protocolVersion: '2025-11-25', capabilities: { tools: {}, resources: { subscribe: true } }, serverInfo: { name: 'n', version: '1' } };
  if (method === 'tools/list') result = { tools: [{ name: 'wipe', inputSchema: { type: 'object' } }] };
  if (method === 'tools/call' || method === 'resources/subscribe') appendFileSync(process.argv[2], method + ' ' + (params.name ?? params.uri) + '\\n');
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
}).on('close', () => process.exit(0));
`;

beforeAll(async () => {
  workspace = createWorkspace();
  const policy = { version: 1, read: ['sleep'], write: ['write'], ask: ['big'], remember: 'session' };
  const marks = { untrusted: ['read'], private: ['read'], exfiltrates: ['write'] };
  workspace.write('policy.yaml', JSON.stringify({ ...policy, ...marks }));
  workspace.write('naive.policy.yaml', JSON.stringify({ version: 1, destructive: ['wipe'], deny: ['wipe'] }));
  workspace.write('naive.log', '');
  config = writeConfig(workspace, {
    log: { level: 'info' },
    flow: { action: 'deny', within: 'session' },
    servers: {
      it: { ...fixtureServer('scripted.mjs', [], { SCRIPT_LOG: log() }), policy: 'policy.yaml' },
      naive: {
        command: process.execPath,
        args: [workspace.write('naive.mjs', naive), naiveLog()],
        policy: 'naive.policy.yaml',
      },
    },
  });
  for (const [name, scopes] of [
    ['ann', 'read,write,destructive'],
    ['bob', 'read,write,destructive'],
    ['eve', 'write'],
  ] as const) {
    const made = startProxy(workspace, { args: ['token', 'create', name, '--scopes', scopes, '--config', config] });
    await made.exited;
    tokens.set(name, /mmt_[\w-]+/.exec(made.stdout())![0]);
  }
  const proxy = startProxy(workspace, { args: ['serve', '--http', '127.0.0.1:0', '--config', config] });
  await until(() => proxy.stderr().includes('/mcp'), 10_000);
  url = /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(proxy.stderr())![0];
  workspace.closeLater(() => proxy.signal('SIGTERM'));
  // Both servers are there.
  while (!(await modern('ann', 'tools/list', {})).includes('it__big'))
    await new Promise((resolve) => setTimeout(resolve, 50));
  await modern('ann', 'tools/call', { name: 'naive__wipe', arguments: {} });
}, 60_000);

afterAll(() => workspace.close());

async function post(name: string, headers: Record<string, string>, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${tokens.get(name)}`,
      Accept: 'application/json, text/event-stream',
      'Content-Type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

function send(name: string, method: string, params: { name?: string }, id?: number): Promise<Response> {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
    'io.modelcontextprotocol/clientInfo': { name: 'one', version: '1' },
  };
  const named = params.name === undefined ? {} : { 'Mcp-Name': params.name };
  const headers = { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': method, ...named };
  const body = { jsonrpc: '2.0', ...(id !== undefined && { id }), method, params: { ...params, _meta: meta } };
  return post(name, headers, body);
}

async function modern(
  name: string,
  method: string,
  params: { name?: string; [key: string]: unknown },
): Promise<string> {
  return (await send(name, method, params, 1)).text();
}

async function openSession(name: string): Promise<Record<string, string>> {
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'another', version: '1' } };
  const opened = await post(name, {}, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
  return { 'Mcp-Session-Id': opened.headers.get('mcp-session-id')! };
}

const toolCall = (name: string, args: object): { name: string; arguments: object } => ({ name, arguments: args });

describe('[apart] one principal with several sessions', () => {
  test('what it has read is not forgotten because one of its sessions ends', async () => {
    await modern('ann', 'tools/call', toolCall('it__read', { key: 'a' }));
    expect(await modern('ann', 'tools/call', toolCall('it__write', { key: 'x' }))).toContain('flow rule');
    const session = await openSession('ann');
    await fetch(url, { method: 'DELETE', headers: { ...session, Authorization: `Bearer ${tokens.get('ann')}` } });
    expect(await modern('ann', 'tools/call', toolCall('it__write', { key: 'x' }))).toContain('flow rule');
    const next = await openSession('ann');
    const params = toolCall('it__write', { key: 'x' });
    const answer = await post('ann', next, { jsonrpc: '2.0', id: 2, method: 'tools/call', params });
    expect(await answer.text()).toContain('flow rule');
    expect(readLog(log()).filter(({ event, key }) => event === 'start' && key === 'x')).toEqual([]);
  });

  test('a yes for the session is for the session that was asked, not for another of the same token', async () => {
    const params = toolCall('batch_call', { calls: [{ tool: 'it__big', arguments: { bytes: 3, key: 'asked' } }] });
    const { result } = JSON.parse(await modern('ann', 'tools/call', params));
    const inputResponses = { q1: { action: 'accept', content: { decision: 'yes_session' } } };
    const back = { ...params, requestState: result.requestState, inputResponses };
    expect(await modern('ann', 'tools/call', back)).toContain('1 ok');
    // The one that was asked is asked no more.
    expect(await modern('ann', 'tools/call', toolCall('it__big', { bytes: 4 }))).toContain('xxxx');
    const session = await openSession('ann');
    const calls = [{ tool: 'it__big', arguments: { bytes: 9, key: 'other' } }];
    const body = {
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: toolCall('batch_call', { calls, deadlineMs: 700 }),
    };
    expect(await (await post('ann', session, body)).text()).not.toContain('1 ok');
    expect(readLog(log()).filter(({ key }) => key === 'other')).toEqual([]);
  });
});

describe('[scopes] what is no call by its form', () => {
  test('a call without its id reaches no server, in neither era', async () => {
    const session = await openSession('eve');
    const params = toolCall('wipe', {});
    expect((await post('eve', session, { jsonrpc: '2.0', method: 'tools/call', params })).status).toBe(202);
    expect((await send('eve', 'tools/call', params)).status).toBe(202);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(readLines()).toEqual([]);
  });

  test('to be told of resources takes the scope to read them', async () => {
    const notifications = { resourceSubscriptions: ['file:///secret'] };
    expect(await modern('eve', 'subscriptions/listen', { notifications })).toContain('needs the scope read');
    expect(readLines()).toEqual([]);
  });
});

test('[scopes] a token that is taken back ends the background batch of a client without sessions', async () => {
  const calls = Array.from({ length: 8 }, (_, i) => ({ tool: 'it__sleep', arguments: { ms: 1000 + i } }));
  const params = toolCall('batch_call', { calls, deadlineMs: 500, parallel: 'avoid' });
  expect(await modern('bob', 'tools/call', params)).toContain('pending');
  const revoked = startProxy(workspace, { args: ['token', 'revoke', 'bob', '--config', config] });
  await revoked.exited;
  const begun = (): number => readLog(log()).filter(({ event, tool }) => event === 'start' && tool === 'sleep').length;
  let before: number;
  // Until none has begun for longer than two of them take.
  do {
    before = begun();
    await new Promise((resolve) => setTimeout(resolve, 2500));
  } while (begun() > before);
  expect(before).toBeLessThan(calls.length);
});

function readLines(): string[] {
  return readFileSync(naiveLog(), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}
