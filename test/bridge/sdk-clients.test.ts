import { PassThrough } from 'node:stream';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioServerTransport as StreamTransportV1 } from '@modelcontextprotocol/sdk/server/stdio.js';
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { StdioServerTransport as StreamTransportV2 } from '@modelcontextprotocol/server/stdio';
import { afterEach, describe, expect, test } from 'vitest';
import { createBridge } from '../../src/bridge/create-bridge.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { silent, until } from '../upstream/support.ts';
import { startV1Proxy, startV2Proxy, type SdkProxy } from './sdk-proxies.ts';

const closeLater: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.allSettled(closeLater.splice(0).map((close) => close()));
});

interface TestClient {
  call(
    name: string,
    args?: JsonObject,
    options?: { onprogress?: (progress: object) => void; signal?: AbortSignal },
  ): Promise<object>;
  listTools(): Promise<string[]>;
  listChanges(): number;
  /** Ends the client's side of the streams, as a client's process does. */
  end(): void;
}

const versions = { legacy: '2025-11-25', modern: '2026-07-28' } as const;
const clientInfo = { name: 'sdk', version: '1.0.0' };

function streams(url: string) {
  const [toBridge, toClient] = [new PassThrough(), new PassThrough()];
  const bridge = createBridge({ url, logger: silent, streams: { input: toBridge, output: toClient } });
  closeLater.push(bridge.close);
  return { toBridge, toClient };
}

async function connectV1(url: string): Promise<TestClient> {
  const { toBridge, toClient } = streams(url);
  const client = new ClientV1(clientInfo, { capabilities: { elicitation: {} } });
  let listChanges = 0;
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void listChanges++);
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { sure: true } }));
  await client.connect(new StreamTransportV1(toClient, toBridge));
  closeLater.push(() => client.close());
  return {
    call: (name, args = {}, options = {}) => client.callTool({ name, arguments: args }, undefined, options),
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    listChanges: () => listChanges,
    end: () => void toBridge.end(),
  };
}

async function connectV2(
  url: string,
  { mode, era }: { mode: 'legacy' | 'auto'; era: keyof typeof versions },
): Promise<TestClient> {
  const { toBridge, toClient } = streams(url);
  let listChanges = 0;
  const client = new ClientV2(clientInfo, {
    capabilities: { elicitation: {} },
    listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => void listChanges++ } },
    versionNegotiation: { mode },
  });
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { sure: true } }));
  await client.connect(new StreamTransportV2(toClient, toBridge));
  closeLater.push(() => client.close());
  expect(client.getNegotiatedProtocolVersion()).toBe(versions[era]);
  return {
    call: (name, args = {}, options = {}) => client.callTool({ name, arguments: args }, options),
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    listChanges: () => listChanges,
    end: () => void toBridge.end(),
  };
}

const pairs: [string, () => Promise<SdkProxy>, (url: string) => Promise<TestClient>][] = [
  ['a client of version 1 before sessions of version 1', startV1Proxy, connectV1],
  [
    'a legacy client of version 2 before sessions of version 1',
    startV1Proxy,
    (url) => connectV2(url, { mode: 'legacy', era: 'legacy' }),
  ],
  [
    'a modern client of version 2 before a handler of version 2',
    startV2Proxy,
    (url) => connectV2(url, { mode: 'auto', era: 'modern' }),
  ],
  ['a client of version 1 before a handler of version 2, without sessions', startV2Proxy, connectV1],
  [
    'a modern client of version 2 that has to fall back, before sessions of version 1',
    startV1Proxy,
    (url) => connectV2(url, { mode: 'auto', era: 'legacy' }),
  ],
];

describe.each(pairs)('%s', (name, startProxy, connect) => {
  const isSessionless = name.includes('without sessions');

  async function open(): Promise<{ proxy: SdkProxy; client: TestClient }> {
    const proxy = await startProxy();
    closeLater.push(proxy.kill);
    return { proxy, client: await connect(proxy.url) };
  }

  test('lists, calls, and sees progress', async () => {
    const { client } = await open();
    expect(await client.listTools()).toContain('add');
    expect(await client.call('add', { a: 20, b: 22 })).toMatchObject({ structuredContent: { sum: 42 } });
    const progress: object[] = [];
    await client.call('steps', { count: 5 }, { onprogress: (step) => void progress.push(step) });
    // The SDK clients lose the last ones of a burst, over any stdio connection; what the bridge hands on is tested on bare messages.
    expect(progress.slice(0, 1)).toMatchObject([{ progress: 1 }]);
    const many = await Promise.all(Array.from({ length: 50 }, (_, b) => client.call('add', { a: 1000, b })));
    expect(many).toMatchObject(Array.from({ length: 50 }, (_, b) => ({ structuredContent: { sum: 1000 + b } })));
  });

  test('cancels a call where it runs', async () => {
    const { proxy, client } = await open();
    const abort = new AbortController();
    const call = client.call('wait', { ms: 60_000 }, { signal: abort.signal });
    await until(() => proxy.events.includes('call wait'));
    abort.abort();
    await expect(call).rejects.toThrow(/abort/i);
    // Without sessions the cancellation reaches another server than the call: the protocol has no way there.
    if (!isSessionless) await until(() => proxy.events.includes('cancelled'));
  });

  test('is told of a call that was running when the proxy was killed, and goes on as soon as it is back', async () => {
    const { proxy, client } = await open();
    await client.listTools();
    const call = client.call('wait', { ms: 60_000 }).catch((error: unknown) => error);
    await until(() => proxy.events.includes('call wait'));
    await proxy.kill();
    const next = client.call('add', { a: 1, b: 2 });
    await proxy.start();
    expect(await next).toMatchObject({ structuredContent: { sum: 3 } });
    expect(await call).toMatchObject({ code: -32603, data: { code: 'connection_lost', applied: 'unknown' } });
    expect(proxy.events.filter((event) => event === 'call wait')).toHaveLength(1);
    await until(() => client.listChanges() > 0);
    expect(await client.listTools()).toContain('add');
  });

  test('does not notice a restart in good order between two calls, but for the news that lists may have changed', async () => {
    const { proxy, client } = await open();
    expect(await client.call('add', { a: 1, b: 1 })).toMatchObject({ structuredContent: { sum: 2 } });
    await proxy.stop();
    await proxy.start();
    expect(await client.call('add', { a: 1, b: 2 })).toMatchObject({ structuredContent: { sum: 3 } });
    expect(proxy.events.filter((event) => event === 'call add')).toHaveLength(2);
    // Where there are neither sessions nor a stream there is nothing by which a restart between two calls could be known.
    if (!isSessionless) await until(() => client.listChanges() > 0);
  });

  test('outlives restart after restart', async () => {
    const { proxy, client } = await open();
    for (let round = 1; round <= 3; round++) {
      await proxy.kill();
      await proxy.start();
      expect(await client.call('add', { a: round, b: 0 })).toMatchObject({ structuredContent: { sum: round } });
    }
  });
});

describe.each(pairs.filter(([name]) => !name.includes('without sessions')))('%s', (_, startProxy, connect) => {
  test('hears that tools have changed, before a restart and after', async () => {
    const proxy = await startProxy();
    closeLater.push(proxy.kill);
    const client = await connect(proxy.url);
    await client.listTools();
    let seen = 0;
    const hears = async (): Promise<void> => {
      seen = client.listChanges();
      // The stream may be about to be opened still.
      await until(() => {
        proxy.announce();
        return client.listChanges() > seen;
      });
    };
    await hears();
    await proxy.kill();
    await proxy.start();
    await until(() => client.listChanges() > seen);
    expect(await client.listTools()).toContain('add');
    await hears();
  });
});

describe.each([
  ['version 1', connectV1],
  ['version 2', (url: string) => connectV2(url, { mode: 'legacy', era: 'legacy' })],
])('a session of a client of %s', (_, connect) => {
  test('asks the client in the middle of a call, before a restart and after', async () => {
    const proxy = await startV1Proxy();
    closeLater.push(proxy.kill);
    const client = await connect(proxy.url);
    expect(await client.call('ask')).toMatchObject({ content: [{ text: 'accept' }] });
    await proxy.kill();
    await proxy.start();
    expect(await client.call('ask')).toMatchObject({ content: [{ text: 'accept' }] });
  });

  test('survives a network that fails while a call runs: the call is resumed, and done once', async () => {
    const proxy = await startV1Proxy();
    closeLater.push(proxy.kill);
    const client = await connect(proxy.url);
    let hasBegun = false;
    const call = client.call('wait', { ms: 500 }, { onprogress: () => void (hasBegun = true) });
    await until(() => hasBegun);
    await proxy.cut();
    await proxy.start();
    expect(await call).toMatchObject({ content: [{ text: 'waited' }] });
    expect(proxy.events).toEqual(['session opened', 'call wait']);
  });

  test('is ended at the proxy when the client goes', async () => {
    const proxy = await startV1Proxy();
    closeLater.push(proxy.kill);
    const client = await connect(proxy.url);
    await client.call('add', { a: 1, b: 1 });
    client.end();
    await until(() => proxy.events.includes('session ended'));
    expect(proxy.events).toEqual(['session opened', 'call add', 'session ended']);
  });
});

test('a modern client calls a tool with arguments in headers that it has never listed', async () => {
  const proxy = await startV2Proxy();
  closeLater.push(proxy.kill);
  const client = await connectV2(proxy.url, { mode: 'auto', era: 'modern' });
  expect(await client.call('region', { region: 'größe' })).toMatchObject({ content: [{ text: 'größe' }] });
});
