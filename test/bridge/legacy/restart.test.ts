import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { createVirtualClock } from '../../schedule/virtual-clock.ts';
import { recordingLogger, until } from '../../upstream/support.ts';
import { opening } from '../raw-client.ts';
import { openingResult, type Arrival } from '../raw-proxy.ts';
import { start, connect, restart, lost } from './support.ts';

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
