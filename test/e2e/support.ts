import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as ChildTransportV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as ChildTransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StdioServerTransport as StreamTransportV1 } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { StdioServerTransport as StreamTransportV2 } from '@modelcontextprotocol/server/stdio';
import { isJsonObject } from '../../src/core/json.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { isRunning, until } from '../upstream/support.ts';

/** The built program; `npm test` builds it first. */
export const program =
  process.env['MARSHAL_TEST_MAIN'] ?? fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A program and its arguments: what a client or a configuration starts. */
export interface Launch {
  command: string;
  args: string[];
  env?: Record<string, string>;
}

/** A folder of its own, and everything that was started for it. */
export interface Workspace {
  path: string;
  /** Writes a file, with its folders, and returns its path. */
  write: (name: string, text: string) => string;
  /** Called at `close`, before the folder goes. */
  closeLater: (close: () => unknown) => void;
  close: () => Promise<void>;
}

export function createWorkspace(): Workspace {
  // The real path: the filesystem server compares with it, and the temporary folder is a link on some systems.
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'marshal-e2e-')));
  const closers: (() => unknown)[] = [];
  return {
    path,
    write(name, text) {
      const file = join(path, name);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    closeLater: (close) => void closers.push(close),
    async close() {
      await Promise.allSettled(closers.splice(0).map((close) => close()));
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Writes a configuration (JSON is YAML) whose state lies in the workspace too. */
export function writeConfig(workspace: Workspace, config: object, name = 'marshal.yaml'): string {
  const whole = { version: 1, stateDir: join(workspace.path, 'state'), log: { level: 'warn' }, ...config };
  return workspace.write(name, JSON.stringify(whole, null, 2));
}

/** How a client starts the proxy. */
export function serveLaunch(config: string): Launch {
  return { command: process.execPath, args: [program, 'serve', '--config', config] };
}

/** A reference server, from this package's development dependencies. */
export function referenceServer(name: 'filesystem' | 'memory' | 'everything', args: string[] = []): Launch {
  const path = `../../node_modules/@modelcontextprotocol/server-${name}/dist/index.js`;
  return { command: process.execPath, args: [fileURLToPath(new URL(path, import.meta.url)), ...args] };
}

/** A fixture of test/fixtures/servers. */
export function fixtureServer(name: string, args: string[] = [], env: Record<string, string> = {}): Launch {
  const file = fileURLToPath(new URL(`../fixtures/servers/${name}`, import.meta.url));
  return { command: process.execPath, args: [file, ...args], env };
}

/** The three reference servers on the workspace's folder `files`, with the policies that ship for them. */
export function referenceServers(workspace: Workspace): Record<string, Launch & { policy: string }> {
  const files = join(workspace.path, 'files');
  mkdirSync(files, { recursive: true });
  const memory = referenceServer('memory');
  return {
    files: { ...referenceServer('filesystem', [files]), policy: 'builtin:filesystem' },
    memory: {
      ...memory,
      env: { MEMORY_FILE_PATH: join(workspace.path, 'memory.jsonl') },
      policy: 'builtin:memory',
    },
    every: { ...referenceServer('everything'), policy: 'builtin:everything' },
  };
}

/** What the scripted server wrote down of its calls. */
export interface LogEvent {
  at: number;
  event: 'start' | 'end' | 'cancelled';
  tool: string;
  key?: string;
  pid: number;
}

/** Reads the file that `SCRIPT_LOG` names; nothing was called where there is none. */
export function readLog(file: string): LogEvent[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line): LogEvent => JSON.parse(line));
  } catch {
    return [];
  }
}

/** The program as a child process, spoken to in bare lines. */
export interface RunningProxy {
  pid: number;
  startedMs: number;
  /** Writes one line to its stdin. */
  send: (message: object) => void;
  /** Sends a request and resolves with the whole response; rejects if the program ends first. */
  request: (method: string, params?: object) => Promise<JsonObject>;
  /** Opens a session as a legacy client does. */
  initialize: () => Promise<void>;
  endInput: () => void;
  signal: (name: NodeJS.Signals) => void;
  /** Nobody reads its stdout any more. */
  breakStdout: () => void;
  stdout: () => string;
  stderr: () => string;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null; afterMs: number }>;
}

/** Starts `serve` or, with `args`, another command. */
export function startProxy(
  workspace: Workspace,
  { config, args, env }: { config?: string; args?: readonly string[]; env?: Record<string, string> },
): RunningProxy {
  const words = args ?? ['serve', '--config', config!];
  const startedMs = performance.now();
  const child = spawn(process.execPath, [program, ...words], {
    stdio: 'pipe',
    cwd: workspace.path,
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  let rest = '';
  let lastId = 0;
  const waiting = new Map<number, { resolve: (response: JsonObject) => void; reject: (error: Error) => void }>();
  const take = (line: string): void => {
    const message: unknown = JSON.parse(line);
    if (!isJsonObject(message) || typeof message['id'] !== 'number') return;
    waiting.get(message['id'])?.resolve(message);
    waiting.delete(message['id']);
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop()!;
    if (args === undefined) for (const line of lines) take(line);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (stderr += chunk));
  // A program that has gone does not read what we still send.
  child.stdin.on('error', () => {});
  const exited = new Promise<Awaited<RunningProxy['exited']>>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal, afterMs: performance.now() - startedMs });
      const ended = new Error(`mcp-marshal ended before it answered (${signal ?? code}): ${stderr}`);
      for (const { reject } of waiting.values()) reject(ended);
    });
  });
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const request = (method: string, params: object = {}): Promise<JsonObject> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      send({ id, method, params });
    });
  workspace.closeLater(async () => {
    child.stdin.end();
    const killed = setTimeout(() => child.kill('SIGKILL'), 6_000);
    await exited;
    clearTimeout(killed);
  });
  return {
    pid: child.pid!,
    startedMs,
    send,
    request,
    async initialize() {
      const clientInfo = { name: 'bare', version: '1.0.0' };
      await request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
      send({ method: 'notifications/initialized' });
    },
    endInput: () => void child.stdin.end(),
    signal: (name) => void child.kill(name),
    breakStdout: () => void child.stdout.destroy(),
    stdout: () => stdout,
    stderr: () => stderr,
    exited,
  };
}

/** SDK version 1, which most clients run; version 2 as it opens by default; version 2 in the era of 2026-07-28 where the server has it. */
export const clientKinds = ['version 1', 'version 2 legacy', 'version 2 modern'] as const;
export type ClientKind = (typeof clientKinds)[number];

interface CallOptions {
  onProgress?: (progress: JsonObject) => void;
  signal?: AbortSignal;
  meta?: JsonObject;
}

/** A real SDK client, of whichever version, under one form. */
export interface TestClient {
  /** `2026-07-28` in the modern era; absent where the SDK does not say. */
  protocolVersion: string | undefined;
  listTools: () => Promise<{ name: string }[]>;
  /** `callTool` of the SDK; rejects as it does. */
  call: (name: string, args?: JsonObject, options?: CallOptions) => Promise<Record<string, unknown>>;
  /** Every message that came so far, as it came: the SDK has opinions on what a result may hold, and loses progress that comes with one. */
  received: () => JsonObject[];
  /** How often the server has announced that its tools changed. */
  listChanges: () => number;
  close: () => Promise<void>;
}

/** Connects a client to a program that it starts, or over a pair of streams. Closed with the workspace. */
export async function connectClient(
  workspace: Workspace,
  kind: ClientKind,
  target: Launch | { input: Readable; output: Writable },
): Promise<TestClient> {
  const client = kind === 'version 1' ? await connectV1(target) : await connectV2(target, kind === 'version 2 modern');
  workspace.closeLater(() => client.close());
  return client;
}

const clientInfo = { name: 'e2e', version: '1.0.0' };

async function connectV1(target: Launch | { input: Readable; output: Writable }): Promise<TestClient> {
  const client = new ClientV1(clientInfo);
  let listChanges = 0;
  let protocolVersion: string | undefined;
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void listChanges++);
  const transport: TransportV1 =
    'input' in target
      ? new StreamTransportV1(target.input, target.output)
      : new ChildTransportV1({ ...target, stderr: 'ignore' });
  transport.setProtocolVersion = (version) => void (protocolVersion = version);
  await client.connect(transport);
  const received = record(transport);
  return {
    protocolVersion,
    listTools: async () => (await client.listTools()).tools,
    call: (name, args = {}, options = {}) =>
      client.callTool(toParams(name, args, options), undefined, toOptions(options)),
    received: () => received,
    listChanges: () => listChanges,
    close: () => client.close(),
  };
}

async function connectV2(
  target: Launch | { input: Readable; output: Writable },
  isModern: boolean,
): Promise<TestClient> {
  let listChanges = 0;
  const client = new ClientV2(clientInfo, {
    listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => void listChanges++ } },
    ...(isModern && { versionNegotiation: { mode: 'auto' } }),
  });
  const transport =
    'input' in target
      ? new StreamTransportV2(target.input, target.output)
      : new ChildTransportV2({ ...target, stderr: 'ignore' });
  await client.connect(transport);
  const received = record(transport);
  return {
    protocolVersion: client.getNegotiatedProtocolVersion(),
    listTools: async () => (await client.listTools()).tools,
    call: (name, args = {}, options = {}) => client.callTool(toParams(name, args, options), toOptions(options)),
    received: () => received,
    listChanges: () => listChanges,
    close: () => client.close(),
  };
}

/** Keeps every message that a connected client's transport receives from now on. */
function record(transport: Pick<TransportV1, 'onmessage'>): JsonObject[] {
  const received: JsonObject[] = [];
  const handOn = transport.onmessage;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport has callbacks, not events
  transport.onmessage = (message, extra) => {
    received.push(JSON.parse(JSON.stringify(message)));
    handOn?.(message, extra);
  };
  return received;
}

function toParams(name: string, args: JsonObject, { meta }: CallOptions): { name: string; arguments: JsonObject } {
  return { name, arguments: args, ...(meta !== undefined && { _meta: meta }) };
}

function toOptions({ onProgress, signal }: CallOptions): {
  onprogress?: (progress: object) => void;
  signal?: AbortSignal;
} {
  return {
    ...(onProgress !== undefined && { onprogress: (progress: object) => onProgress({ ...progress }) }),
    ...(signal !== undefined && { signal }),
  };
}

/** One result of a structured reply. */
export interface CallRow {
  id: string;
  index: number;
  tool: string;
  status: string;
  applied: string;
  result?: { content: { type: string; text: string }[]; structuredContent?: JsonObject };
  error?: { code: string; message: string };
  startedMs: number;
  runMs: number;
}

/** A structured reply to a batch. */
export interface BatchReply {
  isError: boolean;
  status: string;
  results: CallRow[];
  timing: { wallMs: number; peakParallel: number };
}

/** Sends calls as one `batch_call` and reads the structured reply. */
export async function sendBatch(
  client: Pick<TestClient, 'call'>,
  calls: readonly JsonObject[],
  { batch, ...options }: CallOptions & { batch?: JsonObject } = {},
): Promise<BatchReply> {
  const result = await client.call('batch_call', { calls: [...calls], format: 'structured', ...batch }, options);
  const reply: Omit<BatchReply, 'isError'> = JSON.parse(JSON.stringify(result['structuredContent']));
  return { ...reply, isError: result['isError'] === true };
}

/** The texts of a result's content blocks. */
export function textsOf(result: object | undefined): string[] {
  const { content = [] }: { content?: { text?: string }[] } = JSON.parse(JSON.stringify(result ?? {}));
  return content.map(({ text }) => text ?? '');
}

/** The text of a result's first content block. */
export function firstText(result: object | undefined): string {
  return textsOf(result)[0] ?? '';
}

/** The last result that a client received, as it came. */
export function lastResult(client: TestClient): JsonObject {
  const result = client.received().findLast((message) => 'result' in message)?.['result'];
  if (!isJsonObject(result)) throw new Error('no result came');
  return result;
}

/** Waits until none of these processes runs; fails after `withinMs`. */
export function untilGone(pids: readonly number[], withinMs: number): Promise<void> {
  return until(() => !pids.some(isRunning), withinMs);
}
