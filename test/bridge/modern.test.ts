import { afterEach, describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { createVirtualClock } from '../schedule/virtual-clock.ts';
import { until } from '../upstream/support.ts';
import { passUntil, watchBridge } from './waits.ts';
import { connectRaw, envelope, type RawClient } from './raw-client.ts';
import { startRawProxy, type Arrival, type RawProxy } from './raw-proxy.ts';

const closeLater: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closeLater.splice(0).map((close) => close()));
});

async function start(handle: (arrival: Arrival) => void, options: Parameters<typeof connectRaw>[1] = {}) {
  const proxy = await startRawProxy(handle);
  const client = connectRaw(proxy.url, options);
  closeLater.push(proxy.stop, client.bridge.close);
  return { proxy, client };
}

const meta = { _meta: envelope };
const call = (name: string, args: JsonObject = {}): JsonObject => ({ name, arguments: args, ...meta });

describe('a modern client', () => {
  test('[transparent] has each request carried in an exchange of its own, as it is, with its own answer', async () => {
    const news = { jsonrpc: '2.0', method: 'notifications/vendor', params: { x: [null] }, 'x-top': 1 };
    const result = { resultType: 'vendor/kind', content: [{ type: 'hologram' }], 'x-own': 2 };
    const { proxy, client } = await start((arrival) => {
      const write = arrival.stream();
      write(news);
      write({ jsonrpc: '2.0', id: arrival.message['id'], result, 'x-top': 3 });
      arrival.response.end();
    });
    const sent = { jsonrpc: '2.0', id: 'a', method: 'vendor/do', params: { ...meta, other: 1 }, 'x-top': 4 };
    client.send(sent);
    await until(() => client.answersTo('a').length === 1);
    expect(client.received).toEqual([news, { jsonrpc: '2.0', id: 'a', result, 'x-top': 3 }]);
    expect(proxy.arrivals.map(({ message }) => message)).toEqual([sent]);
    expect(proxy.arrivals[0]!.headers['mcp-session-id']).toBeUndefined();
  });

  test.each([
    ['tools/call', { name: 'add' }, 'add'],
    ['tools/call', { name: ' größe' }, '=?base64?IGdyw7bDn2U=?='],
    ['prompts/get', { name: 'greet' }, 'greet'],
    ['resources/read', { uri: 'file:///ä' }, '=?base64?ZmlsZTovLy/DpA==?='],
    ['tasks/get', { taskId: 't1' }, 't1'],
    ['tools/list', {}, undefined],
  ])('has %s announced in headers that repeat what it says', async (method, params, name) => {
    const { proxy, client } = await start((arrival) => arrival.result({}));
    await client.request(1, method, { ...params, ...meta });
    expect(proxy.arrivals[0]!.headers).toMatchObject({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': method });
    expect(proxy.arrivals[0]!.headers['mcp-name']).toBe(name);
  });

  test('has a request that the proxy leaves unread because it is stopping sent again', async () => {
    const error = { code: -32603, message: 'stopping', data: { code: 'server_unavailable', applied: 'no' } };
    const { proxy, client } = await start((arrival) => {
      if (proxy.of('tools/call').length > 1) arrival.result({ ok: 1 });
      else arrival.json({ jsonrpc: '2.0', id: arrival.message['id'], error }, { status: 503 });
    });
    client.send({ id: 1, method: 'tools/call', params: call('add') });
    await until(() => client.answersTo(1).length === 1);
    expect(client.answersTo(1)).toMatchObject([{ result: { ok: 1 } }]);
  });

  test('cancels a call by closing its exchange, and hears no more of it', async () => {
    const { proxy, client } = await start((arrival) => void arrival.stream());
    client.send({ id: 1, method: 'tools/call', params: call('wait') });
    await until(() => proxy.of('tools/call').length === 1);
    const isCut = new Promise((resolve) => proxy.of('tools/call')[0]!.response.once('close', resolve));
    client.notify('notifications/cancelled', { requestId: 1 });
    await isCut;
    expect(proxy.arrivals).toHaveLength(1);
    expect(client.received).toEqual([]);
  });

  test('that goes leaves nothing running at the proxy', async () => {
    const { proxy, client } = await start((arrival) => void arrival.stream());
    client.send({ id: 1, method: 'tools/call', params: call('wait') });
    await until(() => proxy.of('tools/call').length === 1);
    const isCut = new Promise((resolve) => proxy.of('tools/call')[0]!.response.once('close', resolve));
    client.input.end();
    await Promise.all([client.bridge.closed, isCut]);
    expect(client.received).toEqual([]);
  });

  test.each([
    [400, { code: -32020, message: 'headers', data: { header: 'Mcp-Name' } }],
    [404, { code: -32601, message: 'unknown method' }],
    [400, { code: -32022, message: 'version', data: { supported: ['2026-07-28'] } }],
  ])('gets the error that stands in an answer with HTTP %i as it is', async (status, error) => {
    const { client } = await start(({ json, message }) =>
      json({ jsonrpc: '2.0', id: message['id'], error }, { status }),
    );
    expect(await client.request(1, 'vendor/do', meta)).toEqual({ jsonrpc: '2.0', id: 1, error });
  });

  test('is told of a request that HTTP cannot carry', async () => {
    const { proxy, client } = await start((arrival) => arrival.result({}));
    const answer = await client.request(1, 'vendor/größe\n', meta);
    expect(answer).toMatchObject({ id: 1, error: { code: -32600 } });
    expect(proxy.arrivals).toEqual([]);
  });

  test('that is refused for its credentials is told so, and nothing of the page that says it', async () => {
    const { client } = await start((arrival) => arrival.status(401, '<html>secret</html>'));
    const answer = await client.request(1, 'tools/list', meta);
    expect(answer).toMatchObject({ error: { data: { status: 401, applied: 'no' } } });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  test('sends the headers that the bridge was given with every message', async () => {
    const { proxy, client } = await start((arrival) => arrival.result({}), { headers: { Authorization: 'Bearer t' } });
    await client.request(1, 'tools/list', meta);
    expect(proxy.arrivals[0]!.headers['authorization']).toBe('Bearer t');
  });

  test('may be started before the proxy', async () => {
    const { logger, hasTried } = watchBridge();
    const { proxy, client } = await start((arrival) => arrival.result({ ok: 1 }), { logger });
    await proxy.stop();
    client.send({ id: 1, method: 'server/discover', params: meta });
    await hasTried();
    await proxy.start();
    await until(() => client.answersTo(1).length === 1);
    expect(client.answersTo(1)).toMatchObject([{ result: { ok: 1 } }]);
  });

  test('hears that a call was lost when the proxy goes in the middle, and can go on when it is back', async () => {
    const { proxy, client } = await start((arrival) =>
      arrival.message['id'] === 'hang' ? void arrival.stream() : arrival.result({ ok: 1 }),
    );
    client.send({ id: 'hang', method: 'tools/call', params: call('wait') });
    await until(() => proxy.of('tools/call').length === 1);
    await proxy.stop();
    await until(() => client.answersTo('hang').length === 1);
    expect(client.answersTo('hang')[0]).toMatchObject({
      error: { code: -32603, data: { code: 'connection_lost', applied: 'unknown' } },
    });
    client.send({ id: 2, method: 'tools/call', params: call('add') });
    await proxy.start();
    await until(() => client.answersTo(2).length === 1);
    expect(client.answersTo(2)).toMatchObject([{ result: { ok: 1 } }]);
  });

  test('waits 30 s for a proxy that is away, and is then told that nothing was sent', async () => {
    const clock = createVirtualClock();
    const { proxy, client } = await start((arrival) => arrival.result({}), { clock });
    await proxy.stop();
    client.send({ id: 1, method: 'tools/call', params: call('add') });
    await passUntil(clock, () => client.answersTo(1).length === 1);
    expect(clock.now()).toBeGreaterThanOrEqual(30_000);
    expect(clock.now()).toBeLessThan(35_000);
    expect(client.answersTo(1)[0]).toMatchObject({ error: { data: { code: 'server_unavailable', applied: 'no' } } });
  });
});

describe('arguments that a tool wants repeated in headers', () => {
  const tools: JsonObject[] = [
    { name: 'plain', inputSchema: { type: 'object' } },
    {
      name: 'regional',
      inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
    },
  ];
  /** Answers like a proxy that checks, with one tool a page. */
  const check = ({ message, headers, result, json }: Arrival): void => {
    const params = isJsonObject(message['params']) ? message['params'] : {};
    if (message['method'] === 'tools/list') {
      const page = Number(params['cursor'] ?? 0);
      return result({ tools: tools.slice(page, page + 1), ...(page === 0 && { nextCursor: '1' }) });
    }
    if (params['name'] === 'regional' && headers['mcp-param-region'] !== 'eu') {
      const error = { code: -32020, message: 'Mcp-Param-Region is missing' };
      return json({ jsonrpc: '2.0', id: message['id'], error }, { status: 400 });
    }
    result({ done: params['name'] });
  };

  test('are learnt from the lists that the client reads', async () => {
    const { proxy, client } = await start(check);
    await client.request(1, 'tools/list', meta);
    await client.request(2, 'tools/list', { ...meta, cursor: '1' });
    expect(await client.request(3, 'tools/call', call('regional', { region: 'eu' }))).toHaveProperty('result');
    expect(await client.request(4, 'tools/call', call('plain', { region: 'eu' }))).toHaveProperty('result');
    expect(proxy.of('tools/call').map(({ headers }) => headers['mcp-param-region'])).toEqual(['eu', undefined]);
  });

  test('are looked up by the bridge itself where the client has read none: the call is made once', async () => {
    const { proxy, client } = await start(check);
    const answer = await client.request(1, 'tools/call', call('regional', { region: 'eu' }));
    expect(answer).toEqual({ jsonrpc: '2.0', id: 1, result: { done: 'regional' } });
    expect(proxy.of('tools/list').map(({ message }) => message['params'])).toEqual([meta, { ...meta, cursor: '1' }]);
    expect(client.received).toHaveLength(1);
  });

  test('that are wrong however often they are looked up end as the error that the proxy gives', async () => {
    const { proxy, client } = await start(check);
    const answer = await client.request(1, 'tools/call', call('regional', { region: 'us' }));
    expect(answer).toMatchObject({ error: { code: -32020, message: 'Mcp-Param-Region is missing' } });
    expect(proxy.of('tools/call')).toHaveLength(2);
  });
});

describe('a subscription', () => {
  const filter = { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ['file:///a'] };
  const honored = { toolsListChanged: true, resourceSubscriptions: ['file:///a'] };
  const own = { 'io.modelcontextprotocol/subscriptionId': 'sub' };
  const acknowledgement = {
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: honored, _meta: own },
  };
  const changed = { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: { _meta: own } };
  const updated = {
    jsonrpc: '2.0',
    method: 'notifications/resources/updated',
    params: { _meta: own, uri: 'file:///a' },
  };
  const end = { jsonrpc: '2.0', id: 'sub', result: { resultType: 'complete', _meta: own } };

  const listen = (client: RawClient): void =>
    client.send({ id: 'sub', method: 'subscriptions/listen', params: { notifications: filter, ...meta } });
  const acknowledge = (arrival: Arrival): void => arrival.stream()(acknowledgement);
  const streamsOf = (proxy: RawProxy): Arrival[] => proxy.of('subscriptions/listen');

  test('outlives a restart: the client sees one, and hears of all that it covers when the proxy is back', async () => {
    const { proxy, client } = await start(acknowledge);
    listen(client);
    await until(() => client.received.length === 1);
    await proxy.stop();
    await proxy.start();
    await until(() => client.received.length === 3);
    expect(client.received).toEqual([acknowledgement, changed, updated]);
    expect(streamsOf(proxy).map(({ message }) => message)).toEqual([
      streamsOf(proxy)[0]!.message,
      streamsOf(proxy)[0]!.message,
    ]);
    expect(streamsOf(proxy)[0]!.message['id']).toBe('sub');
  });

  test('outlives a proxy that ends it in good order before it stops', async () => {
    const { proxy, client } = await start(acknowledge);
    listen(client);
    await until(() => client.received.length === 1);
    streamsOf(proxy)[0]!.response.end(`data: ${JSON.stringify(end)}\n\n`);
    await until(() => client.received.length === 3);
    expect(client.received).toEqual([acknowledgement, changed, updated]);
  });

  test('waits longer than any request does', async () => {
    const clock = createVirtualClock();
    const { proxy, client } = await start(acknowledge, { clock });
    listen(client);
    await until(() => client.received.length === 1);
    await proxy.stop();
    await passUntil(clock, () => clock.now() > 60_000);
    await proxy.start();
    await passUntil(clock, () => client.received.length === 3);
    expect(client.received).toEqual([acknowledgement, changed, updated]);
  });

  test('that has nothing to tell ends when the proxy ends it', async () => {
    const nothing = { ...acknowledgement, params: { notifications: {}, _meta: own } };
    const { proxy, client } = await start((arrival) => {
      const write = arrival.stream();
      write(nothing);
      write(end);
      arrival.response.end();
    });
    listen(client);
    await until(() => client.answersTo('sub').length === 1);
    expect(client.received).toEqual([nothing, end]);
    expect(streamsOf(proxy)).toHaveLength(1);
  });

  test('that the proxy does not take up again ends with its error', async () => {
    const { proxy, client } = await start(acknowledge);
    listen(client);
    await until(() => client.received.length === 1);
    const error = { code: -32601, message: 'no subscriptions here' };
    proxy.handle = ({ json }) => json({ jsonrpc: '2.0', id: 'sub', error }, { status: 404 });
    streamsOf(proxy)[0]!.response.destroy();
    await until(() => client.answersTo('sub').length === 1);
    expect(client.answersTo('sub')).toEqual([{ jsonrpc: '2.0', id: 'sub', error }]);
  });

  test('that is cancelled is not opened again', async () => {
    const { proxy, client } = await start(acknowledge);
    listen(client);
    await until(() => client.received.length === 1);
    const isCut = new Promise((resolve) => streamsOf(proxy)[0]!.response.once('close', resolve));
    client.notify('notifications/cancelled', { requestId: 'sub' });
    await isCut;
    proxy.handle = (arrival) => arrival.result({});
    await client.request(1, 'tools/list', meta);
    expect(streamsOf(proxy)).toHaveLength(1);
    expect(client.received.filter(({ id }) => id === 'sub')).toEqual([]);
  });

  test('that is opened and ended over and over is opened at most every four seconds', async () => {
    const clock = createVirtualClock();
    const { proxy, client } = await start(
      (arrival) => {
        acknowledge(arrival);
        arrival.response.end();
      },
      { clock },
    );
    listen(client);
    await passUntil(clock, () => clock.now() > 30_000);
    expect(streamsOf(proxy).length).toBeGreaterThan(4);
    expect(streamsOf(proxy).length).toBeLessThan(16);
  });
});
