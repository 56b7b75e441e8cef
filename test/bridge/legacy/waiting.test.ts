import { describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../schedule/virtual-clock.ts';
import { until } from '../../upstream/support.ts';
import { opening } from '../raw-client.ts';
import { openingResult } from '../raw-proxy.ts';
import { start, connectSilent, connect } from './support.ts';
import { passUntil, watchBridge } from '../waits.ts';

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

  test('a request that it leaves unread because it is stopping waits too, and is served by the one that comes after', async () => {
    let isStopping = true;
    const running = await start({
      onRequest(arrival) {
        if (!isStopping) return arrival.result({ ok: 1 });
        const error = { code: -32603, message: 'stopping', data: { code: 'server_unavailable', applied: 'no' } };
        arrival.json({ jsonrpc: '2.0', id: arrival.message['id'], error }, { status: 503 });
      },
    });
    const client = await connect(running.proxy);
    client.send({ id: 1, method: 'tools/call' });
    await until(() => running.proxy.of('tools/call').length > 0);
    isStopping = false;
    await until(() => client.answersTo(1).length === 1);
    expect(client.answersTo(1)).toMatchObject([{ result: { ok: 1 } }]);
  });

  test('a request that has waited 30 s is answered: it was not sent, and changed nothing', async () => {
    const clock = createVirtualClock();
    const { proxy } = await start();
    const client = await connect(proxy, { clock });
    await proxy.stop();
    client.send({ id: 1, method: 'tools/call' });
    await passUntil(clock, () => client.answersTo(1).length === 1);
    expect(clock.now()).toBeGreaterThanOrEqual(30_000);
    expect(clock.now()).toBeLessThan(35_000);
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
    const { logger, hasTried } = watchBridge();
    const client = await connect(running.proxy, { logger });
    await running.proxy.stop();
    client.send({ id: 1, method: 'tools/call' });
    client.send({ id: 2, method: 'tools/list' });
    await hasTried();
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
    const { logger, hasTried } = watchBridge();
    const client = connectSilent(proxy, { logger });
    client.send({ id: 1, method: 'initialize', params: opening });
    client.notify('notifications/initialized');
    client.send({ id: 2, method: 'tools/list' });
    await hasTried();
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
    const client = connectSilent(proxy, { clock });
    client.send({ id: 1, method: 'initialize', params: opening });
    await passUntil(clock, () => client.answersTo(1).length === 1);
    expect(clock.now()).toBeGreaterThanOrEqual(30_000);
    expect(client.answersTo(1)[0]).toMatchObject({ error: { data: { code: 'server_unavailable', applied: 'no' } } });
  });
});
