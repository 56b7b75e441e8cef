import { describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../schedule/virtual-clock.ts';
import { deepJson, until } from '../../upstream/support.ts';
import { opening } from '../raw-client.ts';
import { type Arrival } from '../raw-proxy.ts';
import { start, connectSilent, connect } from './support.ts';

describe('a legacy client', () => {
  test('[transparent] has its messages carried as they are, both ways: unknown fields, methods, results, errors', async () => {
    const question = { jsonrpc: '2.0', id: 0, method: 'vendor/ask', params: { deep: [{ x: null }] }, 'x-top': 1 };
    const news = { jsonrpc: '2.0', method: 'notifications/vendor', params: { _meta: { own: 1 } }, 'x-top': [2] };
    const result = { content: [{ type: 'hologram' }], 'x-own': [null, 1], _meta: { own: 1 } };
    const error = { code: -32050, message: 'no', data: { page: [7] }, 'x-own': true };
    const { proxy } = await start({
      onRequest(arrival) {
        const write = arrival.stream();
        write(news);
        write(question);
        const { id } = arrival.message;
        write({
          jsonrpc: '2.0',
          id,
          ...(arrival.message['method'] === 'vendor/fail' ? { error } : { result }),
          'x-top': 3,
        });
        arrival.response.end();
      },
    });
    const client = await connect(proxy);
    const sent = { jsonrpc: '2.0', id: 'a', method: 'vendor/do', params: { _meta: { t: 1 }, other: [] }, 'x-top': 4 };
    client.send(sent);
    await until(() => client.answersTo('a').length === 1);
    expect(client.received).toEqual([news, question, { jsonrpc: '2.0', id: 'a', result, 'x-top': 3 }]);
    expect(proxy.of('vendor/do')[0]!.message).toEqual(sent);
    expect(await client.request(0, 'vendor/fail')).toEqual({ jsonrpc: '2.0', id: 0, error, 'x-top': 3 });
    client.send({ id: 0, result: { answer: 'yes', 'x-own': [] }, 'x-top': 5 });
    client.notify('notifications/vendor/mine', { x: 1 });
    await until(() => proxy.of('notifications/vendor/mine').length === 1);
    const answers = proxy.arrivals.map(({ message }) => message).filter((message) => 'result' in message);
    expect(answers).toEqual([{ jsonrpc: '2.0', id: 0, result: { answer: 'yes', 'x-own': [] }, 'x-top': 5 }]);
  });

  test('is in one session: its id and the negotiated version are on every message after the opening', async () => {
    const { proxy } = await start();
    const client = await connect(proxy);
    await client.request(1, 'tools/list');
    await until(() => proxy.of('GET').length === 1);
    const headersOf = ({ headers }: Arrival): unknown[] => [headers['mcp-session-id'], headers['mcp-protocol-version']];
    expect(headersOf(proxy.of('initialize')[0]!)).toEqual([undefined, undefined]);
    expect(proxy.of('initialize')[0]!.message).toEqual({
      jsonrpc: '2.0',
      id: 'open',
      method: 'initialize',
      params: opening,
    });
    for (const arrival of [...proxy.of('notifications/initialized'), ...proxy.of('tools/list'), ...proxy.of('GET')]) {
      expect(headersOf(arrival)).toEqual(['session-1', '2025-06-18']);
    }
  });

  test('may send everything at once: nothing reaches the proxy before the session has been opened and confirmed', async () => {
    const { proxy } = await start();
    const client = connectSilent(proxy);
    client.send({ id: 1, method: 'initialize', params: opening });
    client.notify('notifications/initialized');
    client.send({ id: 2, method: 'tools/list' });
    await until(() => client.answersTo(2).length === 1);
    const methods = proxy.arrivals.filter(({ http }) => http === 'POST').map(({ message }) => message['method']);
    expect(methods).toEqual(['initialize', 'notifications/initialized', 'tools/list']);
    expect(client.answersTo(2)[0]).toHaveProperty('result');
  });

  test('may ask before it has been told that its session is open: the question is asked in the session', async () => {
    const { proxy } = await start();
    const { handle } = proxy;
    const held: Arrival[] = [];
    proxy.handle = (arrival) =>
      arrival.message['method'] === 'initialize' ? void held.push(arrival) : handle(arrival);
    const client = connectSilent(proxy);
    client.send({ id: 1, method: 'initialize', params: opening });
    client.send({ id: 2, method: 'tools/list' });
    await until(() => held.length === 1);
    handle(held[0]!);
    await until(() => client.answersTo(2).length === 1);
    expect(client.answersTo(2)).toMatchObject([{ result: {} }]);
    expect(proxy.of('tools/list').map(({ headers }) => headers['mcp-session-id'])).toEqual(['session-1']);
  });

  test('that opens another session leaves the one before', async () => {
    const { proxy } = await start();
    const client = await connect(proxy);
    await client.request('again', 'initialize', opening);
    await until(() => proxy.of('DELETE').length === 1);
    expect(proxy.of('DELETE')[0]!.headers['mcp-session-id']).toBe('session-1');
    await client.request(1, 'tools/list');
    expect(proxy.of('tools/list')[0]!.headers['mcp-session-id']).toBe('session-2');
  });

  test('gets one answer to each request, and none to what it never asked', async () => {
    const { proxy } = await start({
      onRequest(arrival) {
        const write = arrival.stream();
        for (const id of [99, 1, 1]) write({ jsonrpc: '2.0', id, result: { to: id } });
        arrival.response.end();
      },
    });
    const client = await connect(proxy);
    await client.request(1, 'tools/call');
    await client.request('last', 'ping');
    expect(client.received.slice(0, -1)).toEqual([{ jsonrpc: '2.0', id: 1, result: { to: 1 } }]);
  });

  test('has its notifications arrive in the order in which it sent them', async () => {
    const { proxy } = await start();
    const client = await connect(proxy);
    for (let n = 0; n < 20; n++) client.notify('notifications/vendor', { n });
    await until(() => proxy.of('notifications/vendor').length === 20);
    const numbers = proxy.of('notifications/vendor').map(({ message }) => message['params']);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, n) => ({ n })));
  });

  test('gets the progress that comes in the same read as the answer, all of it, in order, and then the answer', async () => {
    const { proxy } = await start({
      onRequest({ message, response }) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const progress = [1, 2, 3].map((n) => ({
          jsonrpc: '2.0',
          method: 'notifications/progress',
          params: { progress: n },
        }));
        const all = [...progress, { jsonrpc: '2.0', id: message['id'], result: {} }];
        response.end(all.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
      },
    });
    const client = await connect(proxy);
    await client.request(1, 'tools/call');
    expect(client.received).toMatchObject([
      ...[1, 2, 3].map((progress) => ({ params: { progress } })),
      { id: 1, result: {} },
    ]);
  });

  test('hears what the proxy says unasked', async () => {
    const { proxy } = await start({
      onStream: (write) => write({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }),
    });
    const client = await connect(proxy);
    await until(() => client.received.length === 1);
    expect(client.received).toEqual([{ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }]);
  });

  test('cancels a call at the proxy, which hears of the call before it hears of the cancellation', async () => {
    const { proxy } = await start({ onRequest: (arrival) => void arrival.stream() });
    const client = await connect(proxy);
    client.send({ id: 7, method: 'tools/call' });
    // On its way by then, but hardly there.
    await new Promise((resolve) => setImmediate(resolve));
    client.notify('notifications/cancelled', { requestId: 7, reason: 'enough' });
    await until(() => proxy.of('notifications/cancelled').length === 1);
    const methods = proxy.arrivals.map(({ message }) => message['method']);
    expect(methods.indexOf('tools/call')).toBeLessThan(methods.indexOf('notifications/cancelled'));
    expect(proxy.of('notifications/cancelled')[0]!.message['params']).toEqual({ requestId: 7, reason: 'enough' });
    expect(client.answersTo(7)).toEqual([]);
  });

  test('cancels a call of which nothing is heard yet a tenth of a second later: it is to arrive before its cancellation', async () => {
    const clock = createVirtualClock();
    const { proxy } = await start({ onRequest: () => {} });
    const client = await connect(proxy, { clock });
    client.send({ id: 7, method: 'tools/call' });
    await until(() => proxy.of('tools/call').length === 1);
    client.notify('notifications/cancelled', { requestId: 7 });
    await clock.pass(99);
    await client.request('later', 'ping');
    expect(proxy.of('notifications/cancelled')).toEqual([]);
    await clock.pass(1);
    await until(() => proxy.of('notifications/cancelled').length === 1);
  });

  test('that goes ends its session at the proxy, and what was in flight', async () => {
    const { proxy } = await start({ onRequest: (arrival) => void arrival.stream() });
    const client = await connect(proxy);
    client.send({ id: 1, method: 'tools/call' });
    await until(() => proxy.of('tools/call').length === 1);
    const isCut = new Promise((resolve) => proxy.of('tools/call')[0]!.response.once('close', resolve));
    client.input.end();
    await client.bridge.closed;
    await isCut;
    expect(proxy.of('DELETE').map(({ headers }) => headers['mcp-session-id'])).toEqual(['session-1']);
  });

  test('that goes is not held up by a proxy that does not let it', async () => {
    const clock = createVirtualClock();
    const { proxy } = await start();
    const client = await connect(proxy, { clock });
    proxy.handle = () => {};
    client.input.end();
    await until(() => proxy.of('DELETE').length === 1);
    let isClosed = false;
    void client.bridge.closed.then(() => (isClosed = true));
    await clock.pass(999);
    expect(isClosed).toBe(false);
    await clock.pass(1);
    await client.bridge.closed;
    expect(clock.timers()).toBe(0);
  });
});

test('a message that cannot be sent is answered, whoever is at fault', async () => {
  const { proxy } = await start({ onRequest: (arrival) => arrival.result({ ok: 1 }) });
  const client = await connect(proxy);
  client.input.write(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":${deepJson(20_000)}}}\n`);
  await until(() => client.answersTo(1).length === 1);
  expect(client.answersTo(1)[0]).toMatchObject({
    error: { code: -32600, message: expect.stringContaining('nested too deep') },
  });
  expect(await client.request(2, 'tools/call')).toMatchObject({ result: { ok: 1 } });
});
