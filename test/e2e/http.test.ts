import { join } from 'node:path';
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { begin, eventsOf, modernRequest, open, openSession, send } from '../serve/http/support.ts';
import { until } from '../upstream/support.ts';
import { createWorkspace, fixtureServer, readLog, startProxy, untilGone, writeConfig } from './support.ts';
import type { RunningProxy, Workspace } from './support.ts';

/** What runs when the program is asked to end has so long. */
const drainMs = 10_000;

/** From the moment in which the program is asked to end, or the drain is over. */
const goneWithinMs = 5_000;

let workspace: Workspace;
beforeEach(() => {
  workspace = createWorkspace();
});
afterEach(() => workspace.close());

interface Listening {
  proxy: RunningProxy;
  url: string;
  port: number;
}

/** Starts `serve --http` in front of one scripted server and waits until it listens. */
async function listen({ port = 0, log }: { port?: number; log?: string } = {}): Promise<Listening> {
  const servers = { it: fixtureServer('scripted.mjs', [], log === undefined ? {} : { SCRIPT_LOG: log }) };
  const config = writeConfig(workspace, { servers, log: { level: 'info' } });
  const proxy = startProxy(workspace, { args: ['serve', '--config', config, '--http', String(port), '--no-auth'] });
  let url: string | undefined;
  await until(() => (url = urlIn(proxy.stderr())) !== undefined);
  return { proxy, url: url!, port: Number(new URL(url!).port) };
}

function urlIn(log: string): string | undefined {
  return /"url":"([^"]+)","msg":"listening"/.exec(log)?.[1];
}

const toolCall = (name: string, args: object, id: number | string = 1): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: `it__${name}`, arguments: args, _meta: { progressToken: `p${id}` } },
});

describe('mcp-marshal over HTTP', () => {
  test('serves on when its input ends, and ends at SIGTERM with 0, after ten seconds of waiting for what hangs: streams, sessions and servers with it', async () => {
    const log = join(workspace.path, 'calls.jsonl');
    const { proxy, port } = await listen({ log });
    proxy.endInput();
    const headers = await openSession(port);
    const stream = await open(port, { method: 'GET', headers });
    const running = send(port, { headers, body: toolCall('write', { key: 'k', ms: 60_000 }) });
    await until(() => readLog(log).length === 1);
    const askedMs = performance.now();
    proxy.signal('SIGTERM');
    expect((await stream.ended).isCut).toBe(false);
    const { data } = eventsOf((await running).text).at(-1) ?? {};
    expect(JSON.parse(data ?? '')).toMatchObject({
      id: 1,
      error: { code: -32603, data: { code: 'connection_lost', applied: 'unknown' } },
    });
    expect(await proxy.exited).toMatchObject({ code: 0, signal: null });
    const tookMs = performance.now() - askedMs;
    expect(tookMs).toBeGreaterThan(drainMs - 500);
    expect(tookMs).toBeLessThan(drainMs + goneWithinMs);
    await untilGone([readLog(log)[0]!.pid], goneWithinMs);
    expect(proxy.stdout()).toBe('');
    expect(proxy.stderr()).not.toMatch(/\n\s+at /);
  });

  test('lets calls of either era finish that are running at SIGTERM, and passes their results on', async () => {
    const log = join(workspace.path, 'calls.jsonl');
    const { proxy, port } = await listen({ log });
    const headers = await openSession(port);
    const legacy = send(port, { headers, body: toolCall('write', { key: 'a', ms: 1000 }) });
    const modern = send(port, modernRequest({ name: 'it__write', arguments: { key: 'b', ms: 1000 } }, { id: 2 }));
    const subscribed = await open(
      port,
      modernRequest({ notifications: { toolsListChanged: true } }, { id: 3, method: 'subscriptions/listen' }),
    );
    await until(() => readLog(log).filter(({ event }) => event === 'start').length === 2);
    proxy.signal('SIGTERM');
    const answers = [eventsOf((await legacy).text).at(-1)?.data, (await modern).text].map((text) =>
      JSON.parse(text ?? ''),
    );
    expect(answers).toMatchObject([1, 2].map((id) => ({ id, result: { content: expect.anything() } })));
    const { text, isCut } = await subscribed.ended;
    expect(isCut).toBe(false);
    expect(JSON.parse(eventsOf(text).at(-1)?.data ?? '')).toMatchObject({ id: 3, result: expect.anything() });
    expect(await proxy.exited).toMatchObject({ code: 0, signal: null });
    expect(
      readLog(log)
        .map(({ event }) => event)
        .toSorted(),
    ).toEqual(['end', 'end', 'start', 'start']);
  });

  test('says when it is ready, and that the port is taken to whoever wants it too', async () => {
    const { proxy, port } = await listen();
    await expect.poll(async () => (await send(port, { method: 'GET', path: '/readyz' })).status).toBe(200);
    expect((await send(port, { method: 'GET', path: '/readyz' })).json).toEqual({
      ready: true,
      servers: { it: 'ready' },
    });
    const config = writeConfig(workspace, { servers: {} }, 'second.yaml');
    const args = ['serve', '--config', config, '--http', String(port), '--no-auth'];
    const second = startProxy(workspace, { args });
    expect(await second.exited).toMatchObject({ code: 1 });
    expect(second.stderr()).toMatch(/^port \d+ of 127.0.0.1 is in use by another program; end that program, or/m);
    proxy.signal('SIGTERM');
    await proxy.exited;
  });

  test('resumes the stream of a call that broke off, with every message of it once and in order', async () => {
    const { proxy, port } = await listen();
    const headers = await openSession(port);
    const first = await open(port, { headers, body: toolCall('progress', { steps: 10, ms: 100 }) });
    await first.until((text) => text.includes('"progress":3'));
    first.leave();
    const begun = eventsOf(first.text());
    const lastId = begun.findLast(({ id }) => id !== undefined)?.id ?? '';
    const resumed = await open(port, { method: 'GET', headers: { ...headers, 'last-event-id': lastId } });
    const { text, isCut } = await resumed.ended;
    expect(isCut).toBe(false);
    const messages = [...begun, ...eventsOf(text)]
      .filter(({ data }) => data !== '')
      .map(({ data }) => JSON.parse(data));
    expect(messages.map(({ params }) => params?.progress)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, undefined]);
    expect(messages.at(-1)).toMatchObject({ id: 1, result: { content: expect.anything() } });
    proxy.signal('SIGTERM');
    await proxy.exited;
  });

  test('cancels a call when a modern client closes its stream, and goes on with it when a legacy one does', async () => {
    const log = join(workspace.path, 'calls.jsonl');
    const { proxy, port } = await listen({ log });
    const eventsOfCalls = (): string =>
      readLog(log)
        .map(({ event }) => event)
        .join();
    const modern = begin(port, modernRequest({ name: 'it__read', arguments: { key: 'a', ms: 60_000 } }));
    modern.opened.catch(() => {});
    await until(() => eventsOfCalls() === 'start');
    modern.leave();
    await until(() => eventsOfCalls() === 'start,cancelled');
    const headers = await openSession(port);
    const legacy = await open(port, { headers, body: toolCall('read', { key: 'b', ms: 500 }) });
    legacy.leave();
    await until(() => eventsOfCalls() === 'start,cancelled,start,end');
    expect(eventsOfCalls()).toBe('start,cancelled,start,end');
    proxy.signal('SIGTERM');
    await proxy.exited;
  });
});

describe('a client of the SDK whose stream is cut in the middle of a call', () => {
  // Of version 2 as of version 1: they come back by themselves, and their caller sees nothing of it.
  test.each(['version 1', 'version 2'])('of %s gets its answer, and all progress in order', async (version) => {
    const { proxy, url } = await listen();
    const cuts: (() => void)[] = [];
    const cutting: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (
        init?.method !== 'POST' ||
        response.body === null ||
        !response.headers.get('content-type')?.includes('event')
      ) {
        return response;
      }
      return new Response(response.body.pipeThrough(cuttable(cuts)), response);
    };
    const clientInfo = { name: 'e2e', version: '1.0.0' };
    const progress: number[] = [];
    const onprogress = ({ progress: step }: { progress: number }): void => {
      progress.push(step);
      if (step === 2) cuts.forEach((cut) => cut());
    };
    const request = { name: 'it__progress', arguments: { steps: 6, ms: 300 } };
    let result: unknown;
    if (version === 'version 1') {
      const client = new ClientV1(clientInfo);
      await client.connect(new TransportV1(new URL(url), { fetch: cutting }));
      result = await client.callTool(request, undefined, { onprogress });
      await client.close();
    } else {
      const client = new ClientV2(clientInfo);
      await client.connect(new TransportV2(new URL(url), { fetch: cutting }));
      result = await client.callTool(request, { onprogress });
      await client.close();
    }
    expect(cuts.length).toBeGreaterThan(0);
    expect(progress).toEqual([1, 2, 3, 4, 5, 6]);
    expect(result).toMatchObject({ content: expect.anything() });
    proxy.signal('SIGTERM');
    await proxy.exited;
  });
});

/** Passes bytes on until it is cut, as a network that fails. */
function cuttable(cuts: (() => void)[]): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    start(controller) {
      cuts.push(() => controller.error(new Error('cut')));
    },
  });
}
