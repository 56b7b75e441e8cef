// reliability.md, promise 8: a request can never make the proxy start a program, open a file or call a host that the configuration does
// not name. Ten thousand requests that try, against what the process itself was seen to do.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { until } from '../upstream/support.ts';
import { createWorkspace, fixtureServer, program, startProxy, writeConfig, type Workspace } from './support.ts';

const requests = 10_000;
const inFlight = 32;
const recorder = fileURLToPath(new URL('../fixtures/recorders/reach.mjs', import.meta.url));

interface Reached {
  kind: 'spawn' | 'connect' | 'lookup' | 'open';
  what: string;
}

let workspace: Workspace;
let log: string;
let port: number;
let upstreamPort: number;
let token: string;
/** Listens where nobody should call. */
let bait: Server;
let baitPort: number;
let baited = 0;

beforeAll(async () => {
  workspace = createWorkspace();
  bait = createServer((socket) => {
    baited++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => bait.listen(0, '127.0.0.1', resolve));
  workspace.closeLater(() => void bait.close());
  baitPort = portOf(bait);
  upstreamPort = await startUpstream();
  log = join(workspace.path, 'reach.log');
  const config = writeConfig(workspace, {
    log: { level: 'info' },
    servers: {
      it: fixtureServer('scripted.mjs'),
      far: { url: `http://127.0.0.1:${upstreamPort}/modern`, headers: { 'x-key': 'secret' } },
    },
    recipes: { echo: { description: 'Echoes', calls: [{ tool: 'it__echo', arguments: {} }] } },
  });
  const made = startProxy(workspace, {
    args: ['token', 'create', 'fuzz', '--scopes', 'read,write,destructive', '--config', config],
  });
  await made.exited;
  token = /mmt_[\w-]+/.exec(made.stdout())![0];
  const proxy = startRecorded(['serve', '--http', '127.0.0.1:0', '--config', config]);
  await until(() => proxy.stderr().includes('/mcp'), 10_000);
  port = Number(/http:\/\/127\.0\.0\.1:(\d+)\/mcp/.exec(proxy.stderr())![1]);
  while ((await send({ method: 'GET', path: '/readyz' })).status !== 200) await setTimeout(50);
}, 60_000);

afterAll(() => workspace.close());

test(
  `[reach] ${requests} requests of every kind start no program, open no file and call no host beside those of the configuration`,
  { timeout: 300_000 },
  async () => {
    const seed = Number(process.env['REACH_SEED'] ?? Date.now() % 1_000_000);
    const random = createRandom(seed);
    const before = readReached().length;
    const known = new Set(
      readReached()
        .filter(({ kind }) => kind === 'spawn' || kind === 'open')
        .map(({ what }) => what),
    );
    let sent = 0;
    const statuses = new Map<number, number>();
    const sessions: string[] = [];
    const work = async (): Promise<void> => {
      while (sent < requests) {
        sent++;
        const wish = makeRequest(random, sessions);
        const { status, sessionId } = await send(wish);
        if (sessionId !== undefined) sessions.push(sessionId);
        if (sessions.length > 20 || (status === 404 && random() < 0.2)) sessions.shift();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, work));
    const reached = readReached().slice(before);
    const strange = reached.filter(({ kind, what }) => {
      if (kind === 'connect') return what !== `127.0.0.1:${upstreamPort}`;
      if (kind === 'lookup') return what !== '127.0.0.1' && what !== 'localhost';
      // What the processes of its servers are, and their children.
      if (kind === 'open' && what.startsWith('/proc/')) return false;
      return !known.has(what) && !what.startsWith(join(workspace.path, 'state'));
    });
    expect({ seed, strange: strange.slice(0, 10), baited }).toEqual({ seed, strange: [], baited: 0 });
    // The requests did get through to where something could have come of them.
    expect({ statuses, ok: (statuses.get(200) ?? 0) > requests / 3 }).toEqual({ statuses, ok: true });
    expect(reached.some(({ kind }) => kind === 'connect')).toBe(true);
    expect(existsSync(join(workspace.path, 'pwned'))).toBe(false);
  },
);

test('the recorder sees programs, hosts and files', () => {
  const kinds = new Set(readReached().map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(['connect', 'lookup', 'open', 'spawn']);
  expect(readReached().filter(({ kind }) => kind === 'spawn').length).toBeGreaterThan(0);
});

/** A number from 0 to 1, the same row of them for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Wish {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
}

function makeRequest(random: () => number, sessions: readonly string[]): Wish {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const away = [
    `http://127.0.0.1:${baitPort}/x`,
    `http://localhost:${baitPort}/mcp`,
    'http://169.254.169.254/latest/meta-data/',
    'file:///etc/passwd',
    join(workspace.path, 'pwned'),
    `$(touch ${join(workspace.path, 'pwned')})`,
    '../../../../etc/passwd',
    `unix:${join(workspace.path, 'pwned')}`,
  ];
  const hostile = (): JsonObject => ({
    url: pick(away),
    uri: pick(away),
    command: 'touch',
    args: [join(workspace.path, 'pwned')],
    $ref: pick(away),
    key: 'k',
    env: { NODE_OPTIONS: `--require ${pick(away)}` },
  });
  const meta = (): JsonObject => ({
    progressToken: pick([0, 'p', 7]),
    traceparent: pick(away),
    'io.modelcontextprotocol/serverInfo': hostile(),
    'io.modelcontextprotocol/related-task': { taskId: pick(away) },
  });
  const tool = (): string =>
    pick(['it__echo', 'it__read', 'far__echo', 'it__nothing', pick(away), 'batch_call', 'recipe__echo', '__proto__']);
  const call = (): JsonObject => ({ tool: tool(), arguments: hostile(), id: pick(['a', 'b', pick(away)]) });
  const params = (method: string): JsonObject => {
    switch (method) {
      case 'tools/call': {
        const name = pick(['batch_call', 'batch_read', 'batch_await', 'recipe__echo', tool()]);
        const own = name.startsWith('batch_')
          ? { calls: [call(), call(), { tool: 'it__echo', arguments: { x: { $result: 'a', path: pick(away) } } }] }
          : hostile();
        return {
          name,
          arguments: own,
          _meta: meta(),
          ...(random() < 0.3 && { requestState: pick(['marshal:a.1.2.3', pick(away)]) }),
        };
      }
      case 'initialize':
        return {
          protocolVersion: pick(['2025-06-18', '2025-11-25', '2999-01-01']),
          capabilities: { roots: {}, sampling: {}, elicitation: {}, experimental: hostile() },
          clientInfo: { name: pick(away), version: '1', icons: [{ src: pick(away) }], websiteUrl: pick(away) },
        };
      default:
        return {
          ...hostile(),
          name: pick(away),
          ref: { type: 'ref/resource', uri: pick(away) },
          argument: { name: 'x', value: pick(away) },
          taskId: pick(away),
          level: 'debug',
          cursor: pick(away),
          _meta: meta(),
        };
    }
  };
  const methods = [
    'tools/call',
    'tools/call',
    'tools/call',
    'tools/list',
    'resources/read',
    'resources/subscribe',
    'resources/list',
    'resources/templates/list',
    'prompts/get',
    'prompts/list',
    'completion/complete',
    'logging/setLevel',
    'initialize',
    'ping',
    'tasks/get',
    'tasks/result',
    'server/discover',
    'notifications/roots/list_changed',
    'notifications/cancelled',
    'vendor/run',
    'sampling/createMessage',
    'roots/list',
  ];
  const method = pick(methods);
  const isModern = method !== 'initialize' && random() < 0.7;
  const session = sessions.length > 0 && method !== 'initialize' ? pick(sessions) : undefined;
  const body = { jsonrpc: '2.0', id: Math.floor(random() * 1000), method, params: params(method) };
  if (isModern) {
    body.params['_meta'] = {
      ...meta(),
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {}, sampling: {} },
      'io.modelcontextprotocol/clientInfo': { name: pick(away), version: '1' },
    };
  }
  const name = body.params['name'] ?? body.params['uri'];
  const bearer =
    random() < 0.9
      ? token
      : pick([
          `eyJhbGciOiJSUzI1NiIsImprdSI6Imh0dHA6Ly8xMjcuMC4wLjE6${baitPort}In0.e30.AA`,
          'mmt_wrong',
          `${token}x`,
          pick(away),
        ]);
  return {
    method: random() < 0.97 ? 'POST' : pick(['GET', 'DELETE', 'PUT', 'CONNECT-LIKE'.slice(0, 3), 'OPTIONS']),
    path:
      random() < 0.94
        ? '/mcp'
        : pick([
            `/mcp?url=${encodeURIComponent(pick(away))}`,
            '/.well-known/oauth-protected-resource',
            '/..%2f..%2fetc/passwd',
            '/readyz',
          ]),
    headers: {
      Authorization: `Bearer ${bearer.replaceAll(/[^\x20-\x7e]/g, '')}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      'X-Forwarded-For': '10.0.0.1',
      'X-Forwarded-Host': `127.0.0.1:${baitPort}`,
      Forwarded: `host=127.0.0.1:${baitPort}`,
      ...(isModern && {
        'MCP-Protocol-Version': '2026-07-28',
        'Mcp-Method': method,
        ...(typeof name === 'string' && { 'Mcp-Name': name }),
      }),
      ...(!isModern && session !== undefined && { 'Mcp-Session-Id': session, 'MCP-Protocol-Version': '2025-06-18' }),
      ...(random() < 0.1 && { 'Last-Event-ID': encodeURI(pick(away)) }),
    },
    body,
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: inFlight });

/** A stream that stays open is left after a moment: what it could start has started. */
function send({ method, path, headers = {}, body }: Wish): Promise<{ status: number; sessionId?: string }> {
  return new Promise((resolve) => {
    const text = body === undefined || method === 'GET' ? '' : JSON.stringify(body);
    const sent = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      agent,
      headers: { ...headers, 'Content-Length': Buffer.byteLength(text) },
    });
    let answer = { status: 0 };
    const done = (): void => {
      clearTimeout(patience);
      resolve(answer);
    };
    const patience = globalThis.setTimeout(() => sent.destroy(), 1500);
    sent.on('error', done).on('close', done);
    sent.on('response', (response) => {
      const sessionId = response.headers['mcp-session-id'];
      answer = { status: response.statusCode ?? 0, ...(typeof sessionId === 'string' && { sessionId }) };
      response.resume().on('end', done);
    });
    sent.end(text);
  });
}

function readReached(): Reached[] {
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line): Reached => JSON.parse(line));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the bait has no port');
  return address.port;
}

function startUpstream(): Promise<number> {
  const { command, args } = fixtureServer('http.mjs');
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  workspace.closeLater(() => void child.kill('SIGKILL'));
  return new Promise((resolve) => {
    child.stdout.setEncoding('utf8').once('data', (line: string) => resolve(JSON.parse(line.split('\n')[0]!).port));
  });
}

function startRecorded(args: readonly string[]): { stderr: () => string } {
  const child = spawn(process.execPath, ['--import', recorder, program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: workspace.path,
    env: { ...process.env, REACH_LOG: log },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (said += chunk));
  const exited = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  workspace.closeLater(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { stderr: () => said };
}
