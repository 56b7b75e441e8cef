import { afterAll, beforeAll, describe } from 'vitest';
import { proxiedFeatures } from './all-features.ts';
import { connectClient } from './clients.ts';
import type { ClientKind } from './clients/interop-client.ts';
import { clientKinds } from './clients/interop-client.ts';
import type { Pair, Upstream } from './feature.ts';
import type { InteropProxy } from './proxies.ts';
import { startHttpProxy, stdioProxy } from './proxies.ts';
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
  let httpProxy: Promise<InteropProxy>;
  const connecting = new Map<string, Promise<Connected>>();

  // All at once, since each waits for programs to start. Whether it worked is for the rows of each client to say.
  beforeAll(async () => {
    running = await startUpstream(upstream);
    httpProxy = startHttpProxy(running.target);
    for (const { client, clientTransport } of clients) {
      const connected =
        clientTransport === 'http'
          ? connectToHttpProxy(client, httpProxy, running)
          : connectByStdioProxy(client, running);
      connecting.set(`${client} ${clientTransport}`, connected);
    }
    await Promise.allSettled(connecting.values());
  });

  afterAll(async () => {
    await httpProxy?.then(({ close }) => close()).catch(() => undefined);
    await running?.close();
  });

  describe.each(clients)('$client client over $clientTransport', ({ client, clientTransport }) => {
    const clientEra = client === 'version 2 modern' ? 'modern' : 'legacy';
    const pair: Pair = { client, clientEra, clientTransport, upstream, isProxied: true };
    testFeatures(pair, proxiedFeatures, () => connecting.get(`${client} ${clientTransport}`)!);
  });
});

async function connectToHttpProxy(
  kind: ClientKind,
  proxy: Promise<InteropProxy>,
  { recordFile }: RunningUpstream,
): Promise<Connected> {
  const client = await connectClient(kind, (await proxy).target);
  return { client, recordFile, close: client.close };
}

async function connectByStdioProxy(kind: ClientKind, { target, recordFile }: RunningUpstream): Promise<Connected> {
  const proxy = stdioProxy(target);
  const client = await connectClient(kind, proxy.target).catch(async (error: unknown) => {
    await proxy.close();
    throw error;
  });
  return {
    client,
    recordFile,
    async close() {
      await client.close();
      await proxy.close();
    },
  };
}
