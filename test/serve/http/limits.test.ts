import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { HttpListenerOptions } from '../../../src/serve/http/http-listener.ts';
import {
  eventsOf,
  modernRequest,
  open,
  openSession,
  send,
  sendRaw,
  startListener,
  type StubListener,
} from './support.ts';

let stub: StubListener;
const start = async (options: Partial<HttpListenerOptions> = {}): Promise<void> =>
  void (stub = await startListener(options));
afterEach(() => stub.close());

/** An answer that Node or we have written without there being a request. */
function errorIn(answer: string): { status: number; code: number; id: unknown } {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const { error, id } = JSON.parse(body);
  expect(head).toContain('Connection: close');
  return { status: Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]), code: error.code, id };
}

describe('a client that takes its time', () => {
  const head = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\n';

  test.each([
    ['sends nothing at all', ''],
    ['does not finish its head', head],
    ['does not finish its body', `${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`],
  ])('and %s is told so, and its connection is closed: 408', async (_what, text) => {
    await start({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
    expect(errorIn(await sendRaw(stub.port, text))).toEqual({ status: 408, code: -32000, id: null });
  });

  test('to read a long answer is given up, and its answer with it', async () => {
    await start({ limits: { stalledMs: 500 } });
    const socket = await post(modernRequest({ name: 'hold' }));
    socket.pause();
    const text = 'x'.repeat(30_000_000);
    stub.exchanges[0]?.exchange.send({ jsonrpc: '2.0', id: 1, result: { text } });
    expect((await readAll(socket, { afterMs: 1500 })).length).toBeLessThan(text.length);
  });
});

/** Sends a request over a connection that the test reads as it likes, once it has arrived. */
async function post(
  { headers, body }: { headers: Record<string, string>; body: object },
  socket: Socket = connect(stub.port, '127.0.0.1').on('error', () => {}),
): Promise<Socket> {
  const text = JSON.stringify(body);
  const all = {
    host: 'localhost',
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    ...headers,
  };
  const lines = Object.entries({ ...all, 'content-length': text.length }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const before = arrivals();
  socket.write(`POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n${text}`);
  await expect.poll(arrivals).toBe(before + 1);
  return socket;
}

const arrivals = (): number => stub.exchanges.length + (stub.sessions[0]?.received.length ?? 0);

/** Everything that comes until the connection is closed. The wait is Node's own timer, which no virtual clock moves. */
async function readAll(socket: Socket, { afterMs = 0 }: { afterMs?: number } = {}): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
  return text;
}

/** What comes until the end of a chunk, or nearly so, says this. */
function readUntil(socket: Socket, ending: string): Promise<string> {
  return new Promise((resolve) => {
    const chunks: string[] = [];
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      chunks.push(chunk);
      if (chunks.slice(-2).join('').slice(-200).includes(ending)) resolve(chunks.join(''));
    });
    socket.resume();
  });
}

describe('a client that does not read its stream', () => {
  const big = (at: number): object => ({
    jsonrpc: '2.0',
    method: 'notifications/vendor',
    params: { at, text: 'x'.repeat(1_000_000) },
  });

  test('is cut off at 16 MB unread, and can resume with what is kept', async () => {
    await start({ limits: { maxEventChars: 2_500_000 } });
    const headers = await openSession(stub.port);
    const socket = await post({ headers, body: { jsonrpc: '2.0', id: 1, method: 'hold' } });
    socket.pause();
    const outlet = stub.sessions[0]!.outlet;
    await expect
      .poll(() => {
        for (let at = 0; at < 10; at++) outlet.send({ ...big(at) }, 1);
        return stub.logs.some(({ message }) => message.includes('stopped reading'));
      })
      .toBe(true);
    outlet.send({ jsonrpc: '2.0', id: 1, result: { of: 'the last' } }, 1);
    const { ended } = await open(stub.port, { method: 'GET', headers: { ...headers, 'last-event-id': '2-1' } });
    const { text } = await ended;
    expect(eventsOf(text)).toHaveLength(3);
    expect(text).toContain('the last');
    socket.destroy();
  });

  test('misses progress and log messages once it is behind, and nothing else', async () => {
    await start();
    const socket = await post(modernRequest({ name: 'hold' }));
    socket.pause();
    const { exchange } = stub.exchanges[0]!;
    const small = (method: string): object => ({ jsonrpc: '2.0', method, params: {} });
    exchange.send({ ...small('notifications/progress') });
    for (let at = 0; at < 8; at++) exchange.send({ ...big(at) });
    for (const method of ['notifications/progress', 'notifications/message', 'notifications/other'])
      exchange.send({ ...small(method) });
    exchange.send({ jsonrpc: '2.0', id: 1, result: {} });
    const text = await readUntil(socket, '"result"');
    const methods = [...text.matchAll(/"method":"notifications\/(\w+)"/g)].map(([, method]) => method);
    expect(methods).toEqual(['progress', ...Array.from({ length: 8 }, () => 'vendor'), 'other']);
    socket.destroy();
  });

  test('gets all progress of one moment, however much there is of it, in order', async () => {
    await start();
    const opening = open(stub.port, modernRequest({ name: 'hold' }));
    await expect.poll(() => stub.exchanges.length).toBe(1);
    const { exchange } = stub.exchanges[0]!;
    for (let step = 0; step < 2000; step++)
      exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: { step } });
    exchange.send({ jsonrpc: '2.0', id: 1, result: {} });
    const { text } = await (await opening).ended;
    const steps = [...text.matchAll(/"step":(\d+)/g)].map(([, step]) => Number(step));
    expect(steps).toEqual(Array.from({ length: 2000 }, (_, step) => step));
  });
});

describe('what is no request', () => {
  test.each([
    ['is no HTTP', 'hello\r\n\r\n', 400],
    ['has no host', 'POST /mcp HTTP/1.1\r\n\r\n', 400],
    ['has two lengths', 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    [
      'has a length and pieces',
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
    ],
    ['has a head of 20 kB', `POST /mcp HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('and %s is refused, and its connection closed', async (_what, text, status) => {
    await start();
    expect(await sendRaw(stub.port, text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});

test('bytes that are no request, in the middle of an answer, end the connection without a word into that answer', async () => {
  await start();
  const socket = await post(modernRequest({ name: 'hold' }));
  stub.exchanges[0]?.exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: {} });
  socket.write('hello\r\n\r\n');
  const text = await readAll(socket);
  expect(text).toContain('notifications/progress');
  expect(text.split('HTTP/1.1')).toHaveLength(2);
});

test('connections beyond the limit are told so, 503; the others are served, and there is room again when one goes', async () => {
  await start({ limits: { maxConnections: 2 } });
  const headers = await openSession(stub.port);
  const idle = [connect(stub.port, '127.0.0.1'), connect(stub.port, '127.0.0.1')];
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  const echo = { jsonrpc: '2.0', id: 1, method: 'echo' };
  await expect.poll(async () => (await send(stub.port, { headers, body: echo })).status).toBe(503);
  const refused = await send(stub.port, { headers, body: echo });
  expect(refused.headers).toMatchObject({ connection: 'close', 'retry-after': '10' });
  idle[0]?.destroy();
  await expect.poll(async () => (await send(stub.port, { headers, body: echo })).status).toBe(200);
  idle[1]?.destroy();
});

test('requests beyond the limit are told so, 503, and there is room again when one has gone', async () => {
  await start({ limits: { maxRequests: 2 } });
  const socket = await post(modernRequest({ name: 'hold' }));
  const other = await post(modernRequest({ name: 'hold' }));
  expect((await send(stub.port, modernRequest())).status).toBe(503);
  socket.destroy();
  await expect.poll(async () => (await send(stub.port, modernRequest())).status).toBe(200);
  other.destroy();
});

describe('requests that are sent ahead on one connection', () => {
  const alive = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const aliveStatus = async (): Promise<number> => (await send(stub.port, { method: 'GET', path: '/healthz' })).status;

  /** A connection whose stream is open, so that no later request on it has its turn. */
  async function streaming(): Promise<Socket> {
    const before = stub.exchanges.length;
    const socket = await post(modernRequest({ name: 'hold' }));
    stub.exchanges[before]?.exchange.send({ jsonrpc: '2.0', method: 'notifications/progress', params: {} });
    await once(socket, 'data');
    return socket;
  }

  test('make room again when the connection goes, although none of them ever had its turn', async () => {
    await start({ limits: { maxRequests: 5 } });
    const socket = await streaming();
    socket.write(alive.repeat(6));
    await expect.poll(aliveStatus).toBe(503);
    socket.destroy();
    await expect.poll(aliveStatus).toBe(200);
  });

  test('are taken back when the connection goes, as one that had its turn is', async () => {
    await start();
    const socket = await streaming();
    await post(modernRequest({ name: 'hold' }, { id: 2 }), socket);
    socket.destroy();
    await expect.poll(() => stub.exchanges.map(({ exchange }) => exchange.signal.aborted)).toEqual([true, true]);
  });

  test('are so many and no more, and take nothing from other connections', async () => {
    await start({ limits: { maxRequests: 10, maxConnectionRequests: 3 } });
    const socket = await streaming();
    socket.write(alive.repeat(20));
    const { exchange } = stub.exchanges[0]!;
    const refusals = (): number => stub.logs.filter(({ fields }) => 'status' in fields && fields.status === 503).length;
    await expect.poll(refusals).toBe(18);
    expect(await aliveStatus()).toBe(200);
    exchange.send({ jsonrpc: '2.0', id: 1, result: {} });
    const text = await readUntil(socket, 'sent ahead on this connection');
    expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(2);
    socket.destroy();
  });

  test('and end in what is no request, write nothing into the stream that is open', async () => {
    await start();
    const socket = await streaming();
    const length = 'Content-Length: 1';
    socket.write(`POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${length}\r\n\r\n`);
    socket.write('1hello\r\n\r\n');
    const text = await readAll(socket);
    expect(text).not.toContain('HTTP/1.1');
  });
});

describe('bodies that are begun and not finished', () => {
  const begun = async (bytes: number): Promise<Socket> => {
    const socket = connect(stub.port, '127.0.0.1').on('error', () => {});
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${bytes + 1}\r\n\r\n`,
    );
    await new Promise<void>((resolve) => void socket.write('x'.repeat(bytes), () => resolve()));
    return socket;
  };

  test('shut out other large ones, 503, and no small one', async () => {
    await start({ limits: { maxTotalBodyBytes: 100_000 } });
    const socket = await begun(99_000);
    const large = modernRequest({ name: 'echo', arguments: { text: 'x'.repeat(70_000) } });
    await expect.poll(async () => (await send(stub.port, large)).status).toBe(503);
    const small = modernRequest({ name: 'echo', arguments: { text: 'x'.repeat(50_000) } });
    expect((await send(stub.port, small)).status).toBe(200);
    socket.destroy();
  });
});

describe('listening', () => {
  test('is told in the log, with the address', async () => {
    await start();
    expect(stub.logs).toEqual([{ message: 'listening', fields: { url: stub.url } }]);
    expect(stub.url).toBe(`http://127.0.0.1:${stub.port}/mcp`);
  });

  test('fails where another program has the port', async () => {
    await start();
    await expect(startListener({ port: stub.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('on another address of this machine serves clients under it', async () => {
    await start({ host: '127.0.0.2' });
    const answer = await fetch(`http://127.0.0.2:${stub.port}/healthz`);
    expect(answer.status).toBe(200);
    await answer.text();
  });
});
