import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proxiedFeatures } from './all-features.ts';
import { connectClient } from './clients.ts';
import type { ClientKind, Target } from './clients/interop-client.ts';
import { clientKinds } from './clients/interop-client.ts';
import type { Pair, Upstream } from './feature.ts';
import { textOf } from './feature.ts';
import type { Proxies } from './proxies.ts';
import { createProxies } from './proxies.ts';
import type { Connected } from './test-features.ts';
import { testFeatures } from './test-features.ts';
import type { RunningUpstream } from './upstreams.ts';
import { startUpstream } from './upstreams.ts';

// Through the proxy: any client of either era reaches any upstream of either era, and cannot tell that there is a proxy.

const upstreams: readonly Upstream[] = [
  { sdk: 'version 1', era: 'legacy', transport: 'stdio' },
  { sdk: 'version 1', era: 'legacy', transport: 'http' },
  { sdk: 'version 1', era: 'legacy', transport: 'sse' },
  { sdk: 'version 2', era: 'legacy', transport: 'stdio' },
  { sdk: 'version 2', era: 'legacy', transport: 'http' },
  { sdk: 'version 2', era: 'modern', transport: 'stdio' },
  { sdk: 'version 2', era: 'modern', transport: 'http' },
];
const clients = clientKinds.flatMap((client) => [
  { client, clientTransport: 'stdio' as const },
  { client, clientTransport: 'http' as const },
]);

describe.each(upstreams)('$sdk $era upstream over $transport', (upstream) => {
  let running: RunningUpstream;
  let proxies: Proxies;
  const connecting = new Map<string, Promise<Connected>>();

  beforeAll(async () => {
    running = await startUpstream(upstream);
    proxies = createProxies(running.target);
    const http = await proxies.startHttp();
    await proxies.untilWarm();
    // All at once, since each waits for programs to start. Whether it worked is for the rows of each client to say.
    for (const { client, clientTransport } of clients) {
      const target = clientTransport === 'http' ? http : proxies.stdio;
      connecting.set(`${client} ${clientTransport}`, connect(client, { target, running }));
    }
    await Promise.allSettled(connecting.values());
  });

  afterAll(async () => {
    // Those whose rows were not wanted this time, too.
    await Promise.allSettled([...connecting.values()].map(async (connected) => (await connected).client.close()));
    await proxies?.close();
    await running?.close();
  });

  describe.each(clients)('$client client over $clientTransport', ({ client, clientTransport }) => {
    const clientEra = client === 'version 2 modern' ? 'modern' : 'legacy';
    const pair: Pair = { client, clientEra, clientTransport, upstream, isProxied: true };
    testFeatures(pair, proxiedFeatures, () => connecting.get(`${client} ${clientTransport}`)!);
  });
});

describe.each(clients)('at the very first start', ({ client, clientTransport }) => {
  test(`[eras] a ${client} client over ${clientTransport} reaches a tool before it has asked for a list`, async () => {
    const upstream = await startUpstream({ sdk: 'version 1', transport: 'stdio' });
    const proxies = createProxies(upstream.target);
    try {
      const target = clientTransport === 'http' ? await proxies.startHttp() : proxies.stdio;
      const connected = await connectClient(client, target);
      expect(textOf(await connected.callTool('weather', { city: 'Ulm' }))).toBe('12 degrees in Ulm');
      await connected.close();
    } finally {
      await proxies.close();
      await upstream.close();
    }
  });
});

async function connect(
  kind: ClientKind,
  { target, running }: { target: Target; running: RunningUpstream },
): Promise<Connected> {
  return { client: await connectClient(kind, target), recordFile: running.recordFile };
}
