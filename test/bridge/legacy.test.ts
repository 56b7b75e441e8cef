import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { createVirtualClock } from '../schedule/virtual-clock.ts';
import { deepJson, recordingLogger, until } from '../upstream/support.ts';
import { connectLegacy, connectRaw, opening, type RawClient } from './raw-client.ts';
import {
  legacyScript,
  openingResult,
  startRawProxy,
  type Arrival,
  type LegacyScript,
  type RawProxy,
} from './raw-proxy.ts';

const closeLater: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closeLater.splice(0).map((close) => close()));
});

async function start(script: LegacyScript = {}) {
  const { handle, forget, sessions } = legacyScript(script);
  const proxy = await startRawProxy(handle);
  closeLater.push(proxy.stop);
  return { proxy, forget, sessions };
}

async function connect(proxy: RawProxy, options: Parameters<typeof connectLegacy>[1] = {}): Promise<RawClient> {
  const client = await connectLegacy(proxy.url, options);
  closeLater.push(client.bridge.close);
  // Requests are held back until the proxy has taken the confirmation.
  await client.request('settled', 'ping');
  const others = client.received.filter(({ id }) => id !== 'open' && id !== 'settled');
  client.received.splice(0, Infinity, ...others);
  return client;
}

/** Ends the proxy and starts it again with all sessions forgotten. */
async function restart({ proxy, forget }: { proxy: RawProxy; forget: () => void }): Promise<void> {
  await proxy.stop();
  forget();
  await proxy.start();
}

const lost = { code: -32603, data: { code: 'connection_lost', applied: 'unknown' } };

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
    const client = connectRaw(proxy.url);
    closeLater.push(client.bridge.close);
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
    const client = connectRaw(proxy.url);
    closeLater.push(client.bridge.close);
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

test('a question that the proxy withdraws is withdrawn from the client, under the id that it knows', async () => {
  const ask: ((message: JsonObject) => void)[] = [];
  const running = await start({ onStream: (write) => void ask.push(write) });
  const client = await connect(running.proxy);
  const question = { jsonrpc: '2.0', id: 0, method: 'roots/list' };
  const withdrawal = {
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId: 0, reason: 'never mind' },
  };
  await until(() => ask.length === 1);
  ask[0]!(question);
  await until(() => client.of('roots/list').length === 1);
  await restart(running);
  await until(() => ask.length === 2);
  ask[1]!(question);
  ask[1]!(withdrawal);
  await until(() => client.of('notifications/cancelled').length === 2);
  const [first, second] = client.of('roots/list').map(({ id }) => id);
  expect(first).toBe(0);
  expect(client.of('notifications/cancelled').map(({ params }) => params)).toEqual([
    { requestId: 0, reason: 'the session that asked has ended' },
    { requestId: second, reason: 'never mind' },
  ]);
});

describe('errors of HTTP become the answer of the request that met them', () => {
  test.each([
    [
      401,
      undefined,
      { code: -32603, data: { code: 'upstream_error', status: 401, applied: 'no' } },
      /credentials.*HTTP 401/,
    ],
    [
      403,
      undefined,
      { code: -32603, data: { code: 'upstream_error', status: 403, applied: 'no' } },
      /credentials.*HTTP 403/,
    ],
    [
      413,
      undefined,
      { code: -32603, data: { code: 'upstream_error', status: 413, applied: 'no' } },
      /larger.*HTTP 413/,
    ],
    [
      307,
      undefined,
      { code: -32603, data: { code: 'upstream_error', status: 307, applied: 'no' } },
      /redirect.*HTTP 307/,
    ],
    [
      500,
      '<html>a page</html>',
      { code: -32603, data: { code: 'upstream_error', status: 500, applied: 'unknown' } },
      /^[^<]*HTTP 500$/,
    ],
    [
      413,
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"too large"}}',
      { code: -32000, data: { status: 413 } },
      /^HTTP 413: too large$/,
    ],
    [
      400,
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32050,"message":"no","data":[1],"x-own":2}}',
      { code: -32050, message: 'no', data: [1], 'x-own': 2 },
      /^no$/,
    ],
    [404, '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"unknown"}}', { code: -32601 }, /^unknown$/],
  ])('%i with %s', async (status, body, error, words) => {
    const { proxy } = await start({ onRequest: (arrival) => arrival.status(status, body) });
    const client = await connect(proxy);
    const answer = await client.request(1, 'tools/call');
    expect(answer).toMatchObject({ jsonrpc: '2.0', id: 1, error });
    expect(answer).toHaveProperty('error.message', expect.stringMatching(words));
    expect(proxy.of('initialize')).toHaveLength(1);
  });

  test.each<[string, (arrival: Arrival) => void, RegExp]>([
    ['an acceptance', (arrival) => arrival.status(202), /HTTP 202/],
    [
      'a page',
      ({ response }) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      /text\/html/,
    ],
    [
      'broken JSON',
      ({ response }) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"js'),
      /no answer/,
    ],
  ])('%s where an answer was due', async (_, onRequest, words) => {
    const { proxy } = await start({ onRequest });
    const client = await connect(proxy);
    const answer = await client.request(1, 'tools/call');
    expect(answer).toMatchObject({ error: { code: -32603, data: { code: 'upstream_error', applied: 'unknown' } } });
    expect(answer).toHaveProperty('error.message', expect.stringMatching(words));
  });
});

describe('when the proxy is restarted', () => {
  test('a call in flight is said to be lost, and the next one is served in a new session that is like the old one', async () => {
    const running = await start({
      onRequest: (arrival) => (arrival.message['id'] === 'hang' ? void arrival.stream() : arrival.result({ ok: 1 })),
      onStream: () => {},
    });
    const { proxy, sessions } = running;
    const client = await connect(proxy);
    await until(() => proxy.of('GET').length === 1);
    await client.request(1, 'logging/setLevel', { level: 'debug', _meta: { progressToken: 1, own: 2 } });
    await client.request(2, 'resources/subscribe', { uri: 'file:///kept' });
    await client.request(3, 'resources/subscribe', { uri: 'file:///left' });
    await client.request(4, 'resources/unsubscribe', { uri: 'file:///left' });
    client.send({ id: 'hang', method: 'tools/call' });
    await until(() => proxy.of('tools/call').length === 1);
    const before = proxy.arrivals.length;
    await restart(running);
    await until(() => client.answersTo('hang').length === 1);
    expect(client.answersTo('hang')[0]).toMatchObject({ error: lost });
    expect(await client.request(5, 'tools/list')).toMatchObject({ result: { ok: 1 } });

    expect(sessions).toEqual(['session-1', 'session-2']);
    const after = proxy.arrivals.slice(before).filter(({ headers }) => headers['mcp-session-id'] !== 'session-1');
    const setUp = after
      .filter(({ http }) => http === 'POST')
      .map(({ message: { method, params } }) => ({ method, params }));
    expect(setUp).toEqual([
      { method: 'initialize', params: opening },
      { method: 'notifications/initialized', params: undefined },
      { method: 'logging/setLevel', params: { level: 'debug', _meta: { own: 2 } } },
      { method: 'resources/subscribe', params: { uri: 'file:///kept' } },
      { method: 'tools/list', params: undefined },
    ]);
    const news = client.received
      .filter((message) => message['id'] === undefined)
      .map(({ method, params }) => [method, params]);
    expect(news).toEqual([
      ['notifications/tools/list_changed', undefined],
      ['notifications/prompts/list_changed', undefined],
      ['notifications/resources/list_changed', undefined],
      ['notifications/resources/updated', { uri: 'file:///kept' }],
    ]);
    const ids = client.received.map(({ id }) => id).filter((id) => id !== undefined);
    expect(ids.map(String).sort()).toEqual(['1', '2', '3', '4', '5', 'hang']);
  });

  test('a call that finds its session forgotten has not been carried out: it is sent again in the new one', async () => {
    const { proxy, forget, sessions } = await start({ onRequest: (arrival) => arrival.result({ ok: 1 }) });
    const client = await connect(proxy);
    forget();
    expect(await client.request(1, 'tools/call')).toMatchObject({ result: { ok: 1 } });
    expect(proxy.of('tools/call').map(({ headers }) => headers['mcp-session-id'])).toEqual(['session-1', 'session-2']);
    expect(sessions).toHaveLength(2);
    expect(client.of('notifications/tools/list_changed')).toHaveLength(1);
  });

  test('a proxy that forgets every session at once does not make the bridge run in circles', async () => {
    const { proxy, forget } = await start();
    const client = await connect(proxy);
    const { handle } = proxy;
    proxy.handle = (arrival) => {
      if (arrival.message['method'] === 'tools/call') forget();
      handle(arrival);
    };
    const answer = await client.request(1, 'tools/call');
    expect(answer).toMatchObject({ error: { code: -32001, message: 'HTTP 404: Session not found' } });
    expect(proxy.of('tools/call')).toHaveLength(2);
  });

  test('lists are only announced that the proxy said it announces', async () => {
    const capabilities = { tools: { listChanged: true }, prompts: {}, resources: { listChanged: false } };
    const { proxy, forget } = await start({ opening: () => ({ ...openingResult, capabilities }) });
    const client = await connect(proxy);
    forget();
    await client.request(1, 'tools/list');
    const news = client.received.filter(({ method }) => method !== undefined).map(({ method }) => method);
    expect(news).toEqual(['notifications/tools/list_changed']);
  });

  test('one that has become another is served on, with a warning, in the version that it speaks now', async () => {
    let protocolVersion = '2025-06-18';
    const { logger, lines } = recordingLogger();
    const { proxy, forget } = await start({ opening: () => ({ ...openingResult, protocolVersion }) });
    const client = await connect(proxy, { logger });
    protocolVersion = '2025-03-26';
    forget();
    expect(await client.request(1, 'tools/list')).toHaveProperty('result');
    expect(proxy.of('tools/list').at(-1)!.headers['mcp-protocol-version']).toBe('2025-03-26');
    const warnings = lines().filter(({ msg }) => String(msg).includes('another protocol version'));
    expect(warnings).toMatchObject([{ level: 40, told: '2025-06-18', now: '2025-03-26' }]);
  });

  test('it is noticed without a request: the client hears that lists may have changed', async () => {
    const running = await start({ onStream: () => {} });
    const client = await connect(running.proxy);
    await until(() => running.proxy.of('GET').length === 1);
    await restart(running);
    await until(() => client.received.length === 3);
    expect(client.received.map(({ method }) => method)).toEqual(
      ['tools', 'prompts', 'resources'].map((kind) => `notifications/${kind}/list_changed`),
    );
  });

  test('the answer to a question of the old session reaches nobody, least of all a new question with the same id', async () => {
    const question = { jsonrpc: '2.0', id: 0, method: 'elicitation/create', params: { message: 'delete?' } };
    let asked: Arrival[] = [];
    const running = await start({
      onRequest(arrival) {
        asked = [...asked, arrival];
        const write = arrival.stream();
        write(question);
      },
      onStream: () => {},
    });
    const { proxy } = running;
    const client = await connect(proxy);
    await until(() => proxy.of('GET').length === 1);
    client.send({ id: 1, method: 'tools/call' });
    await until(() => client.of('elicitation/create').length === 1);
    await restart(running);
    await until(() => client.of('notifications/cancelled').length === 1);
    expect(client.of('notifications/cancelled')[0]!['params']).toMatchObject({ requestId: 0 });

    client.send({ id: 2, method: 'tools/call' });
    await until(() => client.of('elicitation/create').length === 2);
    const [first, second] = client.of('elicitation/create');
    expect(first).toEqual(question);
    expect(second).toEqual({ ...question, id: second!['id'] });
    expect(second!['id']).not.toBe(0);
    client.send({ id: 0, result: { action: 'accept' } });
    client.send({ id: second!['id'], result: { action: 'decline' } });
    await until(() => proxy.arrivals.some(({ message }) => 'result' in message));
    const answers = proxy.arrivals.filter(({ message }) => 'result' in message);
    expect(answers.map(({ message }) => message)).toEqual([{ jsonrpc: '2.0', id: 0, result: { action: 'decline' } }]);
    expect(answers[0]!.headers['mcp-session-id']).toBe('session-2');
  });

  test('it may let the calls of its last session finish: their answers still arrive', async () => {
    const held: Arrival[] = [];
    const { proxy, forget } = await start({
      onRequest(arrival) {
        if (arrival.message['id'] !== 'long') return arrival.result({});
        arrival.stream();
        held.push(arrival);
      },
    });
    const client = await connect(proxy);
    client.send({ id: 'long', method: 'tools/call' });
    await until(() => held.length === 1);
    forget();
    await client.request(1, 'tools/list');
    held[0]!.response.end('data: {"jsonrpc":"2.0","id":"long","result":{"late":1}}\n\n');
    await until(() => client.answersTo('long').length === 1);
    expect(client.answersTo('long')[0]).toMatchObject({ result: { late: 1 } });
  });

  test('what is asked in its last session is not passed on: nobody there could be answered', async () => {
    const writes: ((message: JsonObject) => void)[] = [];
    const { proxy, forget } = await start({
      onRequest: (arrival) =>
        arrival.message['id'] === 'long' ? void writes.push(arrival.stream()) : arrival.result({}),
    });
    const client = await connect(proxy);
    client.send({ id: 'long', method: 'tools/call' });
    await until(() => writes.length === 1);
    forget();
    await client.request(1, 'tools/list');
    writes[0]!({ jsonrpc: '2.0', id: 0, method: 'elicitation/create', params: {} });
    writes[0]!({ jsonrpc: '2.0', method: 'notifications/progress', params: {} });
    await until(() => client.of('notifications/progress').length === 1);
    expect(client.of('elicitation/create')).toEqual([]);
  });

  test('what it does not finish in ten seconds is said to be lost', async () => {
    const clock = createVirtualClock();
    const { proxy, forget } = await start({
      onRequest: (arrival) => (arrival.message['id'] === 'long' ? void arrival.stream() : arrival.result({})),
    });
    const client = await connect(proxy, { clock });
    client.send({ id: 'long', method: 'tools/call' });
    await until(() => proxy.of('tools/call').length === 1);
    forget();
    await client.request(1, 'tools/list');
    await clock.pass(9999);
    expect(client.answersTo('long')).toEqual([]);
    await clock.pass(1);
    await until(() => client.answersTo('long').length === 1);
    expect(client.answersTo('long')[0]).toMatchObject({ error: lost });
  });
});

describe('while the proxy is away', () => {
  test('requests wait, and are served when it is back, each once', async () => {
    const running = await start({ onRequest: (arrival) => arrival.result({ ok: 1 }) });
    const client = await connect(running.proxy);
    await running.proxy.stop();
    running.forget();
    for (const id of [1, 2, 3]) client.send({ id, method: 'tools/call' });
    await running.proxy.start();
    await until(() => [1, 2, 3].every((id) => client.answersTo(id).length === 1));
    expect(client.received.filter(({ error }) => error !== undefined)).toEqual([]);
    const served = running.proxy.of('tools/call').filter(({ headers }) => headers['mcp-session-id'] === 'session-2');
    expect(served.map(({ message }) => Number(message['id'])).sort((a, b) => a - b)).toEqual([1, 2, 3]);
  });

  test('a request that has waited 30 s is answered: it was not sent, and changed nothing', async () => {
    const clock = createVirtualClock();
    const { proxy } = await start();
    const client = await connect(proxy, { clock });
    await proxy.stop();
    client.send({ id: 1, method: 'tools/call' });
    await passUntil(clock, () => client.answersTo(1).length === 1);
    expect(clock.now()).toBeGreaterThanOrEqual(30_000);
    expect(clock.now()).toBeLessThan(31_000);
    expect(client.answersTo(1)[0]).toMatchObject({
      error: { code: -32603, data: { code: 'server_unavailable', applied: 'no' } },
    });
    expect(client.answersTo(1)[0]).toHaveProperty(
      'error.message',
      expect.stringMatching(/30 s.*ECONNREFUSED.*not sent/),
    );
  });

  test('a thousand requests wait, and those beyond are told at once', async () => {
    const clock = createVirtualClock();
    const { proxy } = await start();
    const client = await connect(proxy, { clock });
    await proxy.stop();
    for (let id = 0; id < 1005; id++) client.send({ id, method: 'tools/call' });
    await until(() => client.received.filter(({ error }) => error !== undefined).length === 5);
    const refused = client.received.filter(({ error }) => error !== undefined);
    for (const answer of refused)
      expect(answer).toMatchObject({ error: { data: { code: 'limit_exceeded', applied: 'no' } } });
  });

  test('a waiting request that the client cancels is never sent', async () => {
    const running = await start();
    const client = await connect(running.proxy);
    await running.proxy.stop();
    client.send({ id: 1, method: 'tools/call' });
    client.send({ id: 2, method: 'tools/list' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.notify('notifications/cancelled', { requestId: 1 });
    await running.proxy.start();
    await until(() => client.answersTo(2).length === 1);
    expect(running.proxy.of('tools/call')).toEqual([]);
    expect(running.proxy.of('notifications/cancelled')).toEqual([]);
    expect(client.answersTo(1)).toEqual([]);
  });

  test('a client may start first: its opening waits for the proxy', async () => {
    const { proxy } = await start();
    await proxy.stop();
    const client = connectRaw(proxy.url);
    closeLater.push(client.bridge.close);
    client.send({ id: 1, method: 'initialize', params: opening });
    client.notify('notifications/initialized');
    client.send({ id: 2, method: 'tools/list' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await proxy.start();
    await until(() => client.answersTo(2).length === 1);
    expect(client.received).toEqual([
      { jsonrpc: '2.0', id: 1, result: openingResult },
      { jsonrpc: '2.0', id: 2, result: {} },
    ]);
  });

  test('the opening waits for 30 s, and is then told that nobody is there', async () => {
    const clock = createVirtualClock();
    const { proxy } = await start();
    await proxy.stop();
    const client = connectRaw(proxy.url, { clock });
    closeLater.push(client.bridge.close);
    client.send({ id: 1, method: 'initialize', params: opening });
    await passUntil(clock, () => client.answersTo(1).length === 1);
    expect(clock.now()).toBeGreaterThanOrEqual(30_000);
    expect(client.answersTo(1)[0]).toMatchObject({ error: { data: { code: 'server_unavailable', applied: 'no' } } });
  });
});

describe('when the connection breaks and the proxy has not forgotten the session', () => {
  test('a call whose stream has numbers is resumed, and its answer arrives', async () => {
    const { proxy, sessions } = await start({
      onRequest: (arrival) => {
        const write = arrival.stream();
        write(undefined, 'event-1');
        write({ jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } }, 'event-2');
      },
      onStream(write, { headers, response }) {
        if (headers['last-event-id'] !== 'event-2') return;
        write({ jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 2 } }, 'event-3');
        write({ jsonrpc: '2.0', id: 1, result: { resumed: true } }, 'event-4');
        response.end();
      },
    });
    const client = await connect(proxy);
    client.send({ id: 1, method: 'tools/call' });
    await until(() => client.of('notifications/progress').length === 1);
    await proxy.stop();
    await proxy.start();
    await until(() => client.answersTo(1).length === 1);
    expect(client.answersTo(1)[0]).toMatchObject({ result: { resumed: true } });
    expect(client.of('notifications/progress').map(({ params }) => params)).toEqual([{ progress: 1 }, { progress: 2 }]);
    expect(proxy.of('tools/call')).toHaveLength(1);
    expect(sessions).toEqual(['session-1']);
  });

  test('a server that ends a stream to be asked again later is asked when it says', async () => {
    const clock = createVirtualClock();
    const { proxy } = await start({
      onRequest: ({ response }) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('retry: 3000\nid: event-1\ndata:\n\n');
      },
      onStream(write, { headers }) {
        if (headers['last-event-id'] === 'event-1') write({ jsonrpc: '2.0', id: 1, result: {} });
      },
    });
    const client = await connect(proxy, { clock });
    client.send({ id: 1, method: 'tools/call' });
    await passUntil(clock, () => client.answersTo(1).length === 1);
    expect(clock.now()).toBeGreaterThanOrEqual(3000);
    expect(clock.now()).toBeLessThan(3500);
  });

  test('a call whose stream has none is lost, but the session is not', async () => {
    const { proxy, sessions } = await start({
      onRequest: (arrival) => (arrival.message['id'] === 1 ? void arrival.stream() : arrival.result({})),
    });
    const client = await connect(proxy);
    client.send({ id: 1, method: 'tools/call' });
    await until(() => proxy.of('tools/call').length === 1);
    proxy.of('tools/call')[0]!.response.destroy();
    await until(() => client.answersTo(1).length === 1);
    expect(client.answersTo(1)[0]).toMatchObject({ error: lost });
    expect(await client.request(2, 'tools/list')).toHaveProperty('result');
    expect(sessions).toEqual(['session-1']);
    expect(client.of('notifications/tools/list_changed')).toEqual([]);
  });

  test('a stream that ends without the answer is said to be lost', async () => {
    const { proxy } = await start({
      onRequest: (arrival) => {
        arrival.stream();
        arrival.response.end();
      },
    });
    const client = await connect(proxy);
    expect(await client.request(1, 'tools/call')).toMatchObject({ error: lost });
  });

  test('the stream of what the proxy says unasked is resumed from its last event', async () => {
    const { proxy } = await start({
      onStream(write, { headers, response }) {
        const last = headers['last-event-id'];
        if (last === undefined) {
          write({ jsonrpc: '2.0', method: 'notifications/message', params: { data: 1 } }, 'e1');
          response.end();
        } else write({ jsonrpc: '2.0', method: 'notifications/message', params: { data: last } }, 'e2');
      },
    });
    const client = await connect(proxy);
    await until(() => client.of('notifications/message').length === 2);
    expect(client.of('notifications/message').map(({ params }) => params)).toEqual([{ data: 1 }, { data: 'e1' }]);
  });
});

/** Moves the clock on in steps of 50 ms, with time for what really happens in between, until something holds. */
async function passUntil(clock: ReturnType<typeof createVirtualClock>, holds: () => boolean): Promise<void> {
  for (let step = 0; step < 2000 && !holds(); step++) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    await clock.pass(50);
  }
  expect(holds()).toBe(true);
}
