import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  begin,
  eventsOf,
  modernRequest,
  open,
  openSession,
  send,
  startListener,
  type StubListener,
} from './support.ts';

let stub: StubListener;
beforeEach(async () => {
  stub = await startListener();
});
afterEach(() => stub.close());

const hold = (id: number): object => ({ jsonrpc: '2.0', id, method: 'hold' });
const arrivals = (): number => stub.exchanges.length + (stub.sessions[0]?.received.length ?? 0);
const result = (id: number): { jsonrpc: string; id: number; result: Record<string, never> } => ({
  jsonrpc: '2.0',
  id,
  result: {},
});
const notice = { jsonrpc: '2.0', method: 'notifications/progress', params: {} };

/** What is said to a request that we could not wait for. */
const cutOff = (id: number): object => ({
  jsonrpc: '2.0',
  id,
  error: {
    code: -32603,
    message: 'mcp-marshal was stopped while this request ran; whether it took effect is not known',
    data: { code: 'connection_lost', applied: 'unknown' },
  },
});
/** What is said to a request that came too late. */
const notRun = { code: -32603, data: { code: 'server_unavailable', applied: 'no' } };

describe('closing', () => {
  test('ends streams, lets subscriptions end with their result, and takes nothing new', async () => {
    const headers = await openSession(stub.port);
    const streaming = await open(stub.port, { method: 'GET', headers });
    const subscribed = send(stub.port, modernRequest({}, { id: 3, method: 'subscriptions/listen' }));
    await expect.poll(arrivals).toBe(2);
    await stub.close();
    expect((await streaming.ended).isCut).toBe(false);
    expect(await subscribed).toMatchObject({ status: 200, json: { id: 3, result: {} } });
    expect(stub.sessions[0]?.isClosed).toBe(true);
    await expect(fetch(stub.url)).rejects.toThrow('fetch failed');
    await stub.listener.closed;
    expect(stub.clock.timers()).toBe(0);
  });

  test('does not wait for streams and subscriptions, which are never done', async () => {
    const headers = await openSession(stub.port);
    const streaming = await open(stub.port, { method: 'GET', headers });
    const subscribed = send(stub.port, modernRequest({}, { id: 3, method: 'subscriptions/listen' }));
    await expect.poll(arrivals).toBe(2);
    void stub.listener.close();
    await streaming.ended;
    expect(await subscribed).toMatchObject({ json: { id: 3, result: {} } });
  });

  test('waits for the requests that are being answered, of either era', async () => {
    const headers = await openSession(stub.port);
    const legacy = send(stub.port, { headers, body: hold(1) });
    const modern = send(stub.port, modernRequest({ name: 'hold' }, { id: 2 }));
    await expect.poll(arrivals).toBe(3);
    void stub.listener.close();
    await stub.clock.pass(2900);
    expect(stub.sessions[0]?.isClosed).toBe(false);
    stub.sessions[0]?.outlet.send(result(1), 1);
    stub.exchanges[0]?.exchange.send(result(2));
    expect(eventsOf((await legacy).text).at(-1)?.data).toBe(JSON.stringify(result(1)));
    expect((await modern).json).toEqual(result(2));
    // The last one is answered: nothing is waited for any more.
    await stub.clock.pass(0);
    expect(stub.sessions[0]?.isClosed).toBe(true);
  });

  test('after 3 s says that it is not known what became of a request, on its stream or as its body', async () => {
    const headers = await openSession(stub.port);
    const legacy = open(stub.port, { headers, body: hold(1) });
    const bodied = send(stub.port, modernRequest({ name: 'hold' }, { id: 2 }));
    await expect.poll(arrivals).toBe(3);
    const streamed = open(stub.port, modernRequest({ name: 'hold' }, { id: 3 }));
    await expect.poll(arrivals).toBe(4);
    stub.sessions[0]?.outlet.send({ ...notice }, 1);
    const ofThird = stub.exchanges.find(({ message }) => message['id'] === 3);
    ofThird?.exchange.send({ ...notice });
    await stub.close();
    const endOf = async (stream: Promise<{ ended: Promise<{ text: string; isCut: boolean }> }>): Promise<unknown> => {
      const { text, isCut } = await (await stream).ended;
      expect(isCut).toBe(false);
      return JSON.parse(eventsOf(text).at(-1)?.data ?? '');
    };
    expect(await endOf(legacy)).toEqual(cutOff(1));
    expect(await bodied).toMatchObject({ status: 200, json: cutOff(2) });
    expect(await endOf(streamed)).toEqual(cutOff(3));
    expect(stub.exchanges.map(({ exchange }) => exchange.signal.aborted)).toEqual([true, true]);
  });

  test('says so to every request of a batch', async () => {
    const headers = await openSession(stub.port, '2025-03-26');
    const batch = send(stub.port, { headers, body: [hold(1), hold(2)] });
    await expect.poll(arrivals).toBe(3);
    await stub.close();
    expect(eventsOf((await batch).text).map(({ data }) => JSON.parse(data))).toEqual([cutOff(1), cutOff(2)]);
  });

  test('tells a request that comes meanwhile that it was not carried out, and when to come back: 503', async () => {
    const socket = await connected();
    socket.write(requestText(modernText(1)));
    await expect.poll(arrivals).toBe(1);
    void stub.listener.close();
    socket.write(requestText(modernText(2)));
    await expect.poll(() => stub.logs.some(({ message }) => message === 'a request was refused')).toBe(true);
    stub.exchanges[0]?.exchange.send(result(1));
    const [, , last = ''] = (await everything(socket)).split('HTTP/1.1 ');
    expect(last).toMatch(/^503 [^]*\r\nRetry-After: 1\r\n/);
    expect(JSON.parse(last.split('\r\n\r\n')[1] ?? '').error).toMatchObject(notRun);
    expect(arrivals()).toBe(1);
  });

  test('does not begin a request whose body is not there yet, and tells it so by its id', async () => {
    const body = modernText(7);
    const socket = await connected();
    socket.write(requestText(body).slice(0, -10));
    const running = send(stub.port, modernRequest({ name: 'hold' }));
    await expect.poll(arrivals).toBe(1);
    void stub.listener.close();
    socket.write(body.slice(-10));
    const [answered, text = ''] = (await everything(socket)).split('\r\n\r\n');
    expect(answered).toContain('HTTP/1.1 503 ');
    expect(JSON.parse(text)).toMatchObject({ id: 7, error: notRun });
    stub.exchanges[0]?.exchange.send(result(1));
    expect((await running).json).toEqual(result(1));
    expect(arrivals()).toBe(1);
  });

  test('waits for no client that keeps its connection, or does not read', async () => {
    const idle = connect(stub.port, '127.0.0.1');
    await once(idle, 'connect');
    const { opened } = begin(stub.port, modernRequest({ name: 'hold' }));
    opened.catch(() => {});
    await expect.poll(arrivals).toBe(1);
    await stub.close();
    await stub.close();
    idle.destroy();
  });
});

async function connected(): Promise<Socket> {
  const socket = connect(stub.port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

function modernText(id: number): string {
  return JSON.stringify(modernRequest({ name: 'hold' }, { id }).body);
}

/** A whole request of a modern client with this body. */
function requestText(body: string): string {
  const headers = {
    host: 'localhost',
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'content-length': body.length,
    ...modernRequest({ name: 'hold' }).headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** What comes until the connection is closed. */
async function everything(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  if (!socket.closed) await once(socket, 'close');
  return text;
}
