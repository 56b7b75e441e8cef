import { describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../schedule/virtual-clock.ts';
import { until } from '../../upstream/support.ts';
import { start, connect, lost } from './support.ts';
import { passUntil } from '../waits.ts';

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

  test('a call that could be resumed is said to be lost when the proxy stays away for five seconds', async () => {
    const clock = createVirtualClock();
    const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } };
    const { proxy } = await start({ onRequest: (arrival) => arrival.stream()(progress, 'event-1') });
    const client = await connect(proxy, { clock });
    client.send({ id: 1, method: 'tools/call' });
    await until(() => client.of('notifications/progress').length === 1);
    await proxy.stop();
    await passUntil(clock, () => client.answersTo(1).length === 1);
    expect(client.answersTo(1)[0]).toMatchObject({ error: lost });
    expect(clock.now()).toBeGreaterThanOrEqual(5000);
    expect(clock.now()).toBeLessThan(10_000);
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
