import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { createUpstream } from '../../../src/upstream/upstream.ts';
import type { Upstream } from '../../../src/upstream/upstream.ts';
import { serverConfig, silent, until } from '../support.ts';

const opened: { upstream: Upstream; server: Server }[] = [];
afterEach(async () => {
  for (const { upstream, server } of opened.splice(0)) {
    await upstream.close();
    server.closeAllConnections();
    server.close();
  }
});

/** A legacy server behind a URL that is asleep for so long, and answers at once from then on. */
async function open(asleepMs: number, slowProbeMs: number): Promise<Upstream> {
  let awake: Promise<unknown> | undefined;
  const server = createServer((request, response) => {
    awake ??= new Promise((resolve) => setTimeout(resolve, asleepMs).unref());
    void Promise.all([text(request), awake]).then(([body]) => {
      if (request.method !== 'POST') return response.writeHead(405).end();
      const { id, method } = JSON.parse(body);
      const results: Record<string, object> = {
        initialize: {
          protocolVersion: '2025-06-18',
          capabilities: { tools: {} },
          serverInfo: { name: 'x', version: '1' },
        },
        'tools/list': { tools: [{ name: 'get', inputSchema: { type: 'object' } }] },
      };
      const result = results[method];
      const answer = result === undefined ? { error: { code: -32_601, message: 'no' } } : { result };
      if (id === undefined) return response.writeHead(202).end();
      return response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line no-unsafe-type-assertion -- It listens on a port.
  const { port } = server.address() as AddressInfo;
  const config = serverConfig({ type: 'http', url: `http://127.0.0.1:${port}/mcp`, headers: {} }, 'remote');
  const timings = { probeMs: 100, slowProbeMs };
  const upstream = createUpstream({ server: config, logger: silent, timings });
  opened.push({ upstream, server });
  upstream.start();
  return upstream;
}

test('a server behind a URL that wakes up slowly is there at the first try', async () => {
  const upstream = await open(400, 10_000);
  await until(() => upstream.state().state !== 'connecting');
  expect(upstream.state()).toMatchObject({ state: 'ready', toolCount: 1 });
});

test('one that never answers says so, in words that its user knows', async () => {
  const upstream = await open(60_000, 200);
  await until(() => upstream.state().state === 'failed');
  expect(upstream.state().reason).toBe('no answer within 0.2 s; check "url" and that it runs');
});
