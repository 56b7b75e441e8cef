import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Exchange, LegacySession, Outlet } from '../../../src/serve/session/session.ts';
import {
  openHttpListener,
  type HttpListener,
  type HttpListenerOptions,
} from '../../../src/serve/http/http-listener.ts';
import { createVirtualClock, type VirtualClock } from '../../schedule/virtual-clock.ts';
import { silent } from '../../upstream/support.ts';

/** A session as the listener has opened it; the test answers in its place. */
export interface StubSession {
  principal: string;
  outlet: Outlet;
  received: JsonObject[];
  /** What each message was allowed, where that is not everything. */
  scopes: string[][];
  isClosed: boolean;
}

export interface StubListener {
  listener: HttpListener;
  url: string;
  port: number;
  clock: VirtualClock;
  sessions: StubSession[];
  /** What modern clients have sent, with the way back. */
  exchanges: { message: JsonObject; exchange: Exchange }[];
  logs: { message: string; fields: object }[];
  close(): Promise<void>;
}

/**
 * A listener with nothing behind it: a legacy session answers `initialize` and `echo` by itself, a modern client gets an answer to
 * `tools/call` of `echo`. All else waits for the test. Time is virtual, except for what Node measures.
 */
export async function startListener(options: Partial<HttpListenerOptions> = {}): Promise<StubListener> {
  const clock = createVirtualClock();
  const sessions: StubSession[] = [];
  const exchanges: StubListener['exchanges'] = [];
  const logs: StubListener['logs'] = [];
  const log = (fields: object, message: string): void => void logs.push({ fields, message });
  const listener = await openHttpListener({
    host: '127.0.0.1',
    port: 0,
    clock,
    logger: { ...silent, warn: log, error: log, info: log, debug: log },
    readiness: () => ({ ready: true, servers: [] }),
    inputSchemaOf: () => undefined,
    openLegacy({ principal, outlet }): LegacySession {
      const session: StubSession = { principal, outlet, received: [], scopes: [], isClosed: false };
      sessions.push(session);
      return {
        receive(message, scopes) {
          session.received.push(message);
          if (scopes !== undefined) session.scopes.push([...scopes]);
          const answer = answerTo(message);
          if (answer !== undefined) outlet.send(answer, idOf(message));
        },
        close: () => void (session.isClosed = true),
      };
    },
    modernClients: {
      receive(message, exchange) {
        exchanges.push({ message, exchange });
        const { id, params } = message;
        if (JSON.stringify(params ?? {}).includes('"name":"echo"'))
          exchange.send({ jsonrpc: '2.0', id, result: { params } });
      },
      leave() {},
      close() {
        for (const { message, exchange } of exchanges) {
          if (message['method'] !== 'subscriptions/listen') continue;
          // Results come by way of promises.
          void Promise.resolve().then(() => exchange.send({ jsonrpc: '2.0', id: message['id'], result: {} }));
        }
      },
    },
    ...options,
  });
  return {
    listener,
    url: listener.url,
    port: Number(new URL(listener.url).port),
    clock,
    sessions,
    exchanges,
    logs,
    async close() {
      const closed = listener.close();
      await clock.pass(3000);
      await clock.pass(250);
      await closed;
    },
  };
}

function answerTo({ id, method, params }: JsonObject): JsonObject | undefined {
  if (method === 'echo') return { jsonrpc: '2.0', id, result: { params } };
  if (method !== 'initialize') return undefined;
  const asked = JSON.parse(JSON.stringify(params ?? {})).protocolVersion;
  if (asked === undefined) return { jsonrpc: '2.0', id, error: { code: -32602, message: 'no protocolVersion' } };
  return { jsonrpc: '2.0', id, result: { protocolVersion: asked } };
}

function idOf({ id }: JsonObject): string | number {
  return typeof id === 'string' || typeof id === 'number' ? id : '';
}

/** A response as far as it has come. */
export interface OpenResponse {
  status: number;
  headers: IncomingMessage['headers'];
  text(): string;
  /** Resolves when the text so far satisfies. */
  until(has: (text: string) => boolean): Promise<string>;
  /** Resolves with the whole text; `isCut` where the connection broke off. */
  ended: Promise<{ text: string; isCut: boolean }>;
  /** Closes the connection. */
  leave(): void;
}

export interface Send {
  method?: string;
  path?: string;
  headers?: Record<string, string | string[]>;
  body?: unknown;
}

/** Sends a request and resolves when its head has been answered. A body that is no text is sent as JSON. */
export function open(port: number, request: Send): Promise<OpenResponse> {
  return begin(port, request).opened;
}

/** Sends a request; `leave` closes its connection, whether anything was answered or not. */
export function begin(port: number, sent: Send): { opened: Promise<OpenResponse>; leave: () => void } {
  const { method = 'POST', path = '/mcp', headers = {}, body } = sent;
  const usual = body === undefined ? {} : { 'content-type': 'application/json' };
  const request = httpRequest({ port, host: '127.0.0.1', method, path, agent: false });
  for (const [name, value] of Object.entries({ accept: both, ...usual, ...headers })) request.setHeader(name, value);
  const leave = (): void => void request.destroy();
  const opened = new Promise<OpenResponse>((resolve, reject) => {
    request.on('error', reject).on('response', (response) => resolve({ ...follow(response), leave }));
  });
  request.end(typeof body === 'string' || Buffer.isBuffer(body) || body === undefined ? body : JSON.stringify(body));
  return { opened, leave };
}

function follow(response: IncomingMessage): Omit<OpenResponse, 'leave'> {
  let text = '';
  const waiting = new Set<() => void>();
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (const look of waiting) look();
  });
  const ended = once(response, 'end').then(
    () => ({ text, isCut: false }),
    () => ({ text, isCut: true }),
  );
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: () => text,
    until: (has) =>
      new Promise((found) => {
        const look = (): void => {
          if (has(text)) found(text);
        };
        waiting.add(look);
        look();
      }),
    ended,
  };
}

const both = 'application/json, text/event-stream';

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
  /** The text as JSON, where it is some. */
  json: any; // oxlint-disable-line typescript/no-explicit-any -- tests look into answers of every shape
}

/** Sends a request and resolves with the whole answer. */
export async function send(port: number, request: Send): Promise<Answer> {
  const { status, headers, ended } = await open(port, request);
  const { text } = await ended;
  return { status, headers, text, json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined };
}

/** Sends bytes as they are and resolves with all that comes back until the connection is closed. */
export async function sendRaw(port: number, text: string, { half = false }: { half?: boolean } = {}): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.on('error', () => {});
  socket.write(text);
  if (half) socket.end();
  await once(socket, 'close');
  return answer;
}

/** Opens a legacy session and resolves with the headers of its requests. */
export async function openSession(port: number, revision = '2025-11-25'): Promise<Record<string, string>> {
  const body = { jsonrpc: '2.0', id: 'open', method: 'initialize', params: { protocolVersion: revision } };
  const { headers } = await send(port, { body });
  return { 'mcp-session-id': String(headers['mcp-session-id']), 'mcp-protocol-version': revision };
}

/** The events of a stream of server-sent events; comments are left out. */
export function eventsOf(text: string): { id?: string; retry?: string; data: string }[] {
  const blocks = text.split('\n\n').filter((block) => block !== '' && !block.startsWith(':'));
  return blocks.map((block) => {
    const fields = block.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line)?.slice(1) ?? []);
    const of = (name: string): string | undefined => fields.find(([key]) => key === name)?.[1];
    const [id, retry] = [of('id'), of('retry')];
    return { ...(id !== undefined && { id }), ...(retry !== undefined && { retry }), data: of('data') ?? '' };
  });
}

/** A request of a modern client, with what its headers have to repeat. */
export function modernRequest(
  params: JsonObject = { name: 'echo', arguments: {} },
  {
    id = 1,
    method = 'tools/call',
    revision = '2026-07-28',
  }: { id?: number | string; method?: string; revision?: string } = {},
): { headers: Record<string, string>; body: JsonObject } {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const name = params['name'];
  return {
    headers: {
      'mcp-protocol-version': revision,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    },
    body: { jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } },
  };
}
