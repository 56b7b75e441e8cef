import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../src/core/json.ts';
import { explainSendFailure } from '../../../src/upstream/peer/failure/send-failure.ts';
import { QuickHttpTransport } from '../../../src/upstream/transport/http/quick-http-transport.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A server that answers as told, and a transport to it. */
async function connectTo(answer: (request: IncomingMessage, response: ServerResponse, body: JsonObject) => void) {
  const server = createServer((request, response) => {
    void text(request).then((body) => answer(request, response, body === '' ? {} : JSON.parse(body)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const received: unknown[] = [];
  const transport = new QuickHttpTransport(new URL(`http://127.0.0.1:${port}/mcp`), {
    ownHeaders: { Authorization: 'Bearer t' },
    maxBytes: 1_000_000,
    onOversizedAnswer: () => received.push('oversized'),
  });
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport has callbacks, not events
  transport.onmessage = (message) => received.push(message);
  await transport.start();
  const call = { jsonrpc: '2.0', id: 'm:1', method: 'tools/call', params: { name: 'größe' } } as const;
  return { transport, received, call };
}

const sse = { 'Content-Type': 'text/event-stream' };
const event = (message: object, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`;

test('an answer with fields that nobody knows comes back whole, as a body and as a stream', async () => {
  const odd = { jsonrpc: '2.0', id: 'm:1', result: { content: [{ type: 'hologram' }] }, 'x-own': { deep: [1] } };
  for (const type of ['application/json', 'text/event-stream; charset=utf-8']) {
    const { transport, received, call } = await connectTo((_request, response) => {
      response.writeHead(200, { 'Content-Type': type });
      response.end(type === 'application/json' ? JSON.stringify(odd) : event(odd));
    });
    await transport.send(call);
    await expect.poll(() => received).toEqual([odd]);
    await transport.close();
  }
});

test('a modern request says in its headers what its body says; a legacy one carries its revision alone', async () => {
  const heads: IncomingMessage['headers'][] = [];
  const { transport, call } = await connectTo((request, response) => {
    heads.push(request.headers);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 'm:1', result: {} }));
  });
  transport.setProtocolVersion('2025-11-25');
  await transport.send(call);
  transport.setProtocolVersion('2026-07-28');
  await transport.send(call, { headers: { 'Mcp-Param-Page': '3' } });
  expect(heads[0]).toMatchObject({ 'mcp-protocol-version': '2025-11-25', authorization: 'Bearer t' });
  expect(heads[0]).not.toHaveProperty('mcp-method');
  const name = `=?base64?${Buffer.from('größe').toString('base64')}?=`;
  expect(heads[1]).toMatchObject({ 'mcp-method': 'tools/call', 'mcp-name': name, 'mcp-param-page': '3' });
});

test('a stream that breaks off is taken up where it was, and everything comes once and in order', async () => {
  const progress = (step: number): object => ({ jsonrpc: '2.0', method: 'notifications/progress', params: { step } });
  const resumed: unknown[] = [];
  const { transport, received, call } = await connectTo((request, response, body) => {
    response.writeHead(200, sse);
    if (isJsonObject(body) && body['method'] === 'tools/call') {
      response.write(`retry: 5\n${event(progress(1), 'e1')}`, () => setTimeout(() => response.destroy(), 20));
    } else {
      resumed.push(request.headers['last-event-id']);
      response.end(event(progress(2), 'e2') + event({ jsonrpc: '2.0', id: 'm:1', result: {} }, 'e3'));
    }
  });
  await transport.send(call);
  await expect.poll(() => received).toEqual([progress(1), progress(2), { jsonrpc: '2.0', id: 'm:1', result: {} }]);
  expect(resumed).toEqual(['e1']);
});

test('a stream that ends with an answer under another id is over: it is not taken up again', async () => {
  let resumed = 0;
  const { transport, received, call } = await connectTo((request, response) => {
    if (request.method === 'GET') resumed += 1;
    response.writeHead(200, sse);
    response.end(event({ jsonrpc: '2.0', id: 'nobody', result: {} }, 'e1'));
  });
  let ends = 0;
  const startMs = performance.now();
  await transport.send(call, { onRequestStreamEnd: () => void ends++ });
  await expect.poll(() => ends, { interval: 5 }).toBe(1);
  expect(performance.now() - startMs).toBeLessThan(400);
  expect([received.length, resumed]).toEqual([1, 0]);
});

test('a stream that ends without an answer is told, and a body without one as well', async () => {
  for (const type of ['text/event-stream', 'application/json']) {
    const { transport, call } = await connectTo((_request, response) => {
      response.writeHead(200, { 'Content-Type': type });
      response.end(type === 'application/json' ? '{}' : ': nothing\n\n');
    });
    let ends = 0;
    await transport.send(call, { onRequestStreamEnd: () => void ends++ });
    await expect.poll(() => ends).toBe(1);
  }
});

test('an HTTP error is thrown with its status and the text of its body; nothing listening says so', async () => {
  const { transport, call } = await connectTo((_request, response) => {
    response.writeHead(404, { 'Content-Type': 'application/json' });
    response.end('{"jsonrpc":"2.0","id":"m:1","error":{"code":-32050,"message":"no"}}');
  });
  await expect(transport.send(call)).rejects.toMatchObject({ status: 404, data: { text: /-32050/ } });
  await new Promise<void>((resolve) => {
    servers[0]!.close(() => resolve());
    servers[0]!.closeAllConnections();
  });
  // Longer than a connection is trusted without a look.
  await new Promise((resolve) => setTimeout(resolve, 150));
  await expect(transport.send(call)).rejects.toMatchObject({ name: 'UnreachableError', message: 'ECONNREFUSED' });
});

test('giving a request up ends its exchange, and closing the transport ends all of them', async () => {
  let closed = 0;
  const { transport, call } = await connectTo((_request, response) => {
    response.writeHead(200, sse).flushHeaders();
    response.on('close', () => void closed++);
  });
  const given = new AbortController();
  let ends = 0;
  await transport.send(call, { requestSignal: given.signal, onRequestStreamEnd: () => void ends++ });
  await transport.send(call);
  given.abort();
  await expect.poll(() => closed).toBe(1);
  await transport.close();
  await expect.poll(() => closed).toBe(2);
  expect(ends).toBe(0);
});

test('a server that ends every stream to be asked again is asked as often as it takes', async () => {
  let polls = 0;
  const { transport, received, call } = await connectTo((request, response) => {
    response.writeHead(200, sse);
    polls += 1;
    if (polls < 10) response.end(`retry: 1\nid: e${polls}\ndata: \n\n`);
    else response.end(event({ jsonrpc: '2.0', id: 'm:1', result: { last: request.headers['last-event-id'] } }, 'end'));
  });
  const startedMs = performance.now();
  await transport.send(call);
  await expect.poll(() => received, { timeout: 3000 }).toEqual([{ jsonrpc: '2.0', id: 'm:1', result: { last: 'e9' } }]);
  // Not at every moment, though it asks for that.
  expect(performance.now() - startedMs).toBeGreaterThan(850);
});

test('one that brings nothing any more is given up', async () => {
  let asked = 0;
  const { transport, call } = await connectTo((_request, response) => {
    asked += 1;
    response.writeHead(200, sse).end(asked === 1 ? 'retry: 1\nid: e1\ndata: \n\n' : ': nothing\n\n');
  });
  let ends = 0;
  await transport.send(call, { onRequestStreamEnd: () => void ends++ });
  await expect.poll(() => ends, { timeout: 3000 }).toBe(1);
  expect(asked).toBe(7);
});

test.each([301, 302, 303])(
  'a request that is answered with HTTP %i is not sent again: it may have been run',
  async (status) => {
    let posts = 0;
    const { transport, call } = await connectTo((request, response) => {
      posts += 1;
      response.writeHead(status, { Location: `http://${request.headers.host}/elsewhere` }).end();
    });
    const error = await transport.send(call).catch((thrown: unknown) => thrown);
    expect(explainSendFailure(error)).toMatchObject({ sent: true, endsConnection: false, status });
    expect(posts).toBe(1);
  },
);
