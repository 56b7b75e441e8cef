import { once } from 'node:events';
import { createServer } from 'node:http';
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audience, startIssuer, type LocalIssuer } from '../access/local-issuer.ts';
import { send } from '../serve/http/support.ts';
import { until } from '../upstream/support.ts';
import { createWorkspace, firstText, fixtureServer, program, startProxy, textsOf, writeConfig } from './support.ts';
import type { RunningProxy, Workspace } from './support.ts';

let workspace: Workspace;
let issuer: LocalIssuer;
let config: string;
let proxy: RunningProxy;
let url: string;
/** Every request that a server behind the proxy got over HTTP. */
const upstreamSaw: { method: string; headers: string }[] = [];

beforeAll(async () => {
  workspace = createWorkspace();
  issuer = await startIssuer({ nowS: Math.floor(Date.now() / 1000) });
  const upstream = await startRecorder();
  workspace.write(
    'policy.yaml',
    JSON.stringify({ version: 1, read: ['read'], write: ['write'], destructive: ['big'] }),
  );
  config = writeConfig(workspace, {
    log: { level: 'debug' },
    servers: {
      it: { ...fixtureServer('scripted.mjs'), policy: 'policy.yaml' },
      away: { type: 'http', url: upstream },
    },
    auth: { jwt: { issuer: issuer.url, audience } },
  });
  proxy = startProxy(workspace, { args: ['serve', '--http', '127.0.0.1:0', '--config', config] });
  await until(() => (url = /"url":"([^"]+)","msg":"listening"/.exec(proxy.stderr())?.[1] ?? '') !== '', 10_000);
}, 60_000);

afterAll(async () => {
  proxy.signal('SIGTERM');
  await proxy.exited;
  await issuer.close();
  await workspace.close();
});

/** A server of the legacy era with one tool, that writes down what it was sent. */
async function startRecorder(): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { id, method = '' }: { id?: number | string; method?: string } = text === '' ? {} : JSON.parse(text);
      upstreamSaw.push({ method, headers: JSON.stringify(request.rawHeaders) });
      const result = resultOf(method);
      if (request.method !== 'POST') return response.writeHead(405).end();
      if (id === undefined) return response.writeHead(202).end();
      const answer = result === undefined ? { error: { code: -32601, message: 'Method not found' } } : { result };
      return response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  workspace.closeLater(() => server.closeAllConnections());
  workspace.closeLater(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/mcp`;
}

function resultOf(method: string): object | undefined {
  if (method === 'initialize') {
    return { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'away', version: '1' } };
  }
  if (method === 'tools/list') {
    return { tools: [{ name: 'echo', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }] };
  }
  return method === 'tools/call' ? { content: [{ type: 'text', text: 'here' }] } : undefined;
}

async function createToken(name: string, scopes: string): Promise<string> {
  const made = startProxy(workspace, { args: ['token', 'create', name, '--scopes', scopes, '--config', config] });
  expect(await made.exited).toMatchObject({ code: 0 });
  return made.stdout().trim();
}

interface TestClient {
  tools(): Promise<string[]>;
  call(name: string, args: object): Promise<object>;
}

const kinds = ['version 1', 'version 2 legacy', 'version 2 modern'] as const;

async function connect(kind: (typeof kinds)[number], token: string, at = url): Promise<TestClient> {
  const info = { name: 'e2e', version: '1.0.0' };
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  if (kind === 'version 1') {
    const client = new ClientV1(info);
    await client.connect(new TransportV1(new URL(at), { requestInit }));
    workspace.closeLater(() => client.close());
    return {
      tools: async () => (await client.listTools()).tools.map(({ name }) => name),
      call: (name, args) => client.callTool({ name, arguments: { ...args } }),
    };
  }
  const isModern = kind === 'version 2 modern';
  const client = new ClientV2(info, isModern ? { versionNegotiation: { mode: 'auto' } } : {});
  await client.connect(new TransportV2(new URL(at), { requestInit }));
  workspace.closeLater(() => client.close());
  expect(client.getNegotiatedProtocolVersion()).toBe(isModern ? '2026-07-28' : '2025-11-25');
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: (name, args) => client.callTool({ name, arguments: { ...args } }),
  };
}

describe('[scopes] over HTTP a client of the SDK', () => {
  test.each(kinds)('of %s with a token can do what that allows, and sees no tool that it cannot call', async (kind) => {
    const token = await createToken(`reader-${kind.replaceAll(' ', '-')}`, 'read');
    const client = await connect(kind, token);
    const tools = await client.tools();
    expect(tools).toEqual(expect.arrayContaining(['batch_call', 'batch_read', 'it__read']));
    expect(tools).not.toContain('it__write');
    expect(tools).not.toContain('it__big');
    expect(await client.call('it__read', { key: 'a' })).not.toMatchObject({ isError: true });
    const refused = await client.call('it__write', { key: 'a' });
    expect(refused).toMatchObject({ isError: true });
    expect(firstText(refused)).toMatch(/denied_by_policy.*write/s);
    const batch = await client.call('batch_call', {
      calls: [
        { tool: 'it__read', arguments: { key: 'b' } },
        { tool: 'it__write', arguments: { key: 'b' } },
      ],
    });
    expect(textsOf(batch).join('\n')).toMatch(/1 ok, 1 denied/);
  });

  test.each(kinds)('of %s with a JWT is served as its subject, by its scopes', async (kind) => {
    const client = await connect(kind, await issuer.sign({ scope: 'read write destructive' }));
    expect(await client.tools()).toEqual(expect.arrayContaining(['it__read', 'it__write', 'it__big']));
    expect(await client.call('it__write', { key: 'c' })).not.toMatchObject({ isError: true });
  });

  test.each(kinds)('of %s without one that counts is refused', async (kind) => {
    await expect(connect(kind, `mmt_${'A'.repeat(43)}`)).rejects.toThrow(/Unauthorized|401/);
    const forOthers = await issuer.sign({ aud: 'https://other.example' });
    await expect(connect(kind, forOthers)).rejects.toThrow(/Unauthorized|401/);
  });

  test('is shut out a second after its token was revoked', async () => {
    const token = await createToken('short', 'read');
    const client = await connect('version 1', token);
    expect(await client.call('it__read', { key: 'd' })).not.toMatchObject({ isError: true });
    const revoke = startProxy(workspace, { args: ['token', 'revoke', 'short', '--config', config] });
    expect(await revoke.exited).toMatchObject({ code: 0 });
    await expect
      .poll(
        () =>
          client.call('it__read', { key: 'd' }).then(
            () => 'served',
            () => 'refused',
          ),
        { timeout: 1000 },
      )
      .toBe('refused');
  });
});

describe('the bridge to a proxy that wants a token', () => {
  async function bridge(env: Record<string, string>, args: string[] = []): Promise<ClientV2> {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [program, 'serve', '--connect', url, ...args],
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stderr: 'pipe',
    });
    transport.stderr?.on('data', (chunk: Buffer) => (bridgeLog += chunk.toString()));
    const client = new ClientV2({ name: 'e2e', version: '1.0.0' });
    workspace.closeLater(() => client.close());
    await client.connect(transport);
    return client;
  }
  let bridgeLog = '';

  test('shows that of its environment, or of a file, and repeats it nowhere', async () => {
    const token = await createToken('bridge', 'read');
    const file = workspace.write('bridge.token', `${token}\n`);
    for (const client of [
      await bridge({ MCP_MARSHAL_TOKEN: token, MCP_MARSHAL_DEBUG: '1' }),
      await bridge({ MCP_MARSHAL_DEBUG: '1' }, ['--token-file', file]),
    ]) {
      expect(await client.callTool({ name: 'it__read', arguments: { key: 'e' } })).not.toMatchObject({ isError: true });
    }
    expect(bridgeLog).not.toContain(token.slice(4));
  });

  test('says what to do where that does not count', async () => {
    await expect(bridge({ MCP_MARSHAL_TOKEN: `mmt_${'B'.repeat(43)}` })).rejects.toThrow(
      /HTTP 401.*set MCP_MARSHAL_TOKEN/,
    );
    await expect(bridge({})).rejects.toThrow(/HTTP 401.*--token-file/);
  });
});

test('[secrets] no server gets the token of a client, and no log has it', async () => {
  const token = await createToken('recorded', 'read,write,destructive');
  const jws = await issuer.sign();
  for (const shown of [token, jws]) {
    for (const kind of kinds) {
      const client = await connect(kind, shown);
      expect(firstText(await client.call('away__echo', {}))).toBe('here');
      await client.call('batch_call', {
        calls: [{ tool: 'away__echo' }, { tool: 'it__read', arguments: { key: 'f' } }],
      });
    }
  }
  expect(upstreamSaw.filter(({ method }) => method === 'tools/call')).toHaveLength(12);
  const seen = JSON.stringify(upstreamSaw) + proxy.stderr();
  for (const secret of [token.slice(4), jws.split('.')[2]!]) expect(seen).not.toContain(secret);
  expect(upstreamSaw.filter(({ headers }) => /authorization/i.test(headers))).toEqual([]);
});

test('listening for others without authentication is refused, with what to add', async () => {
  const bare = writeConfig(workspace, { servers: {}, stateDir: 'bare-state' }, 'bare.yaml');
  const refused = startProxy(workspace, { args: ['serve', '--http', '0.0.0.0:0', '--config', bare] });
  expect(await refused.exited).toMatchObject({ code: 2 });
  expect(refused.stderr()).toContain('mcp-marshal token create NAME');
  const open = startProxy(workspace, { args: ['serve', '--http', '0.0.0.0:0', '--no-auth', '--config', bare] });
  expect(await open.exited).toMatchObject({ code: 2 });
});

test('clients find how to get a token', async () => {
  const path = '/.well-known/oauth-protected-resource/mcp';
  const { json } = await send(Number(new URL(url).port), { method: 'GET', path });
  expect(json).toMatchObject({ resource: url, authorization_servers: [issuer.url] });
});
