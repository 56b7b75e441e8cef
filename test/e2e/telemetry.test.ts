import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCollector, type Collector, type TakenSpan } from '../telemetry/collector.ts';
import { scrape, type Scrape } from '../telemetry/scrape.ts';
import { until } from '../upstream/support.ts';
import { createWorkspace, fixtureServer, startProxy, writeConfig, type RunningProxy } from './support.ts';

const client = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const traceparent = `00-${client.traceId}-${client.spanId}-01`;
const servers = { it: fixtureServer('scripted.mjs') };
/** As an exporter's variable, which nothing of ours may show. */
const key = 'key-of-the-collector';
const kinds = { server: 2, client: 3 };

/** What the fixture server got as `_meta`. */
function metaIn(answer: unknown): Record<string, string> {
  const [text = '{}'] = /\{\\+"traceparent.*?\}/.exec(JSON.stringify(answer)) ?? [];
  return JSON.parse(text.replaceAll('\\', ''));
}

/** A machine that does much else starts a program in several seconds. */
const patienceMs = 20_000;

function untilReady(proxy: RunningProxy): Promise<void> {
  return until(() => proxy.stderr().includes('"msg":"ready"'), patienceMs);
}

async function metricsUrl(proxy: RunningProxy): Promise<string> {
  const find = (): string | undefined => /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(proxy.stderr())?.[0];
  await until(() => find() !== undefined, patienceMs);
  return find()!;
}

describe('a batch of a client that traces, with a collector', () => {
  const workspace = createWorkspace();
  let collector: Collector;
  let proxy: RunningProxy;
  let spans: TakenSpan[];
  let got: Record<string, string>;
  let scraped: Scrape;
  let url: string;

  const named = (name: string): TakenSpan => spans.find((span) => span.name === name)!;

  beforeAll(async () => {
    collector = await startCollector();
    const config = writeConfig(workspace, { servers, telemetry: { metrics: 0 }, log: { level: 'info' } });
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-key=${key}`,
      OTEL_BSP_SCHEDULE_DELAY: '20',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    };
    proxy = startProxy(workspace, { config, env });
    await proxy.initialize();
    await untilReady(proxy);
    const calls = [
      { id: 'first', tool: 'it__read', arguments: { key: 'k', ms: 60 } },
      { id: 'second', tool: 'it__read', arguments: { key: 'l', ms: 60 } },
      { id: 'third', tool: 'it__meta', arguments: { password: 'sesame' }, dependsOn: ['first'] },
      { id: 'unknown', tool: 'it__sesame', arguments: {} },
    ];
    const _meta = { traceparent, tracestate: 'vendor=1', baggage: 'who=me' };
    got = metaIn(await proxy.request('tools/call', { name: 'batch_call', arguments: { calls }, _meta }));
    await proxy.request('tools/call', { name: 'it__echo', arguments: { text: 'sesame' } });
    await proxy.request('tools/call', { name: 'sesame', arguments: {} });
    await until(() => collector.spans().some(({ isError }) => isError), patienceMs);
    spans = collector.spans();
    url = await metricsUrl(proxy);
    scraped = await scrape(url);
  });
  afterAll(async () => {
    await workspace.close();
    await collector.close();
  });

  test('shows as one trace: its span goes on from the client, and each call that was sent is a child of it', () => {
    const batch = named('tools/call batch_call');
    expect(batch).toMatchObject({ ...client, spanId: batch.spanId, parentSpanId: client.spanId, kind: kinds.server });
    const sent = spans.filter(({ traceId, kind }) => traceId === client.traceId && kind === kinds.client);
    expect(sent.map(({ name }) => name).sort()).toEqual(['tools/call meta', 'tools/call read', 'tools/call read']);
    expect(new Set(sent.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([batch.spanId]));
    expect(spans.filter(({ traceId }) => traceId === client.traceId)).toHaveLength(4);
  });

  test('shows when each call ran: side by side, or after what it waited for', () => {
    const batch = named('tools/call batch_call');
    const [first, second, third] = ['first', 'second', 'third'].map((id) =>
      spans.find(({ attributes }) => attributes['marshal.call.id'] === id)!,
    );
    for (const span of [first!, second!, third!]) {
      expect(span.startMs).toBeGreaterThanOrEqual(batch.startMs - 1);
      expect(span.endMs).toBeLessThanOrEqual(batch.endMs + 1);
    }
    expect(first!.endMs - first!.startMs).toBeGreaterThan(50);
    expect(second!.startMs).toBeLessThan(first!.endMs);
    expect(third!.startMs).toBeGreaterThanOrEqual(first!.endMs - 1);
    expect(third!.attributes).toMatchObject({ 'marshal.call.waited_for': ['first'], 'marshal.call.status': 'ok' });
    expect(Number(third!.attributes['marshal.call.queued_ms'])).toBeGreaterThan(50);
  });

  test('hands its trace on to the server, as the parent of what that does', () => {
    const sent = named('tools/call meta');
    expect(got).toEqual({
      traceparent: `00-${client.traceId}-${sent.spanId}-01`,
      tracestate: 'vendor=1',
      baggage: 'who=me',
    });
  });

  test('names calls by the conventions, and those that were not sent as events', () => {
    const { attributes, events } = named('tools/call batch_call');
    expect(attributes).toMatchObject({
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'batch_call',
      'gen_ai.operation.name': 'execute_tool',
      'mcp.protocol.version': '2025-06-18',
      'network.transport': 'pipe',
      'jsonrpc.request.id': '2',
      'marshal.batch.calls': 4,
    });
    expect(events).toEqual([
      {
        name: 'marshal.call.not_sent',
        attributes: {
          'marshal.call.id': 'unknown',
          'marshal.call.status': 'invalid',
          'gen_ai.tool.name': '_OTHER',
          'error.type': 'unknown_tool',
        },
      },
    ]);
    expect(named('tools/call meta').attributes).toMatchObject({
      'gen_ai.tool.name': 'meta',
      'marshal.server': 'it',
      'marshal.call.class': 'read',
      'marshal.call.sending': 1,
      'marshal.batch.id': attributes['marshal.batch.id'],
    });
    expect(collector.resource()).toMatchObject({
      'service.name': 'mcp-marshal',
      'deployment.environment.name': 'test',
    });
    expect(collector.headers()).toMatchObject({ 'x-key': key });
  });

  test('shows no arguments, no results and no name that a client has made up', () => {
    expect(collector.text()).not.toContain('sesame');
    expect(scraped.text).not.toContain('sesame');
    expect(named('tools/call _OTHER')).toMatchObject({ isError: true, attributes: { 'error.type': '-32602' } });
    expect(proxy.stderr()).not.toContain(key);
  });

  test('is counted, and Prometheus reads as many calls as were made', () => {
    expect(scraped.count('marshal_calls_total', { marshal_call_status: 'ok', marshal_call_class: 'read' })).toBe(4);
    expect(scraped.count('marshal_calls_total', { marshal_call_status: 'invalid' })).toBe(1);
    expect(scraped.count('mcp_client_operation_duration_seconds', { marshal_server: 'it' })).toBe(4);
    expect(scraped.count('mcp_client_operation_duration_seconds', { gen_ai_tool_name: 'read' })).toBe(2);
    expect(scraped.count('mcp_server_operation_duration_seconds', { mcp_method_name: 'tools/call' })).toBe(3);
    expect(scraped.count('mcp_server_operation_duration_seconds', { error_type: '-32602' })).toBe(1);
    expect(scraped.count('marshal_batch_duration_seconds')).toBe(1);
    expect(scraped.count('marshal_batch_calls')).toBe(1);
    expect(scraped.count('marshal_call_queue_duration_seconds')).toBe(4);
    expect(scraped.count('marshal_upstream_state', { marshal_server: 'it', marshal_upstream_state: 'ready' })).toBe(1);
    expect(scraped.count('marshal_upstream_circuit_open', { marshal_server: 'it' })).toBe(0);
    expect(scraped.count('marshal_queue_depth')).toBe(0);
  });

  test('is not shown to a web page that comes under another name', async () => {
    const { request } = await import('node:http');
    const statusOf = (host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const asked = request(url, { headers: { Host: host } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
        asked.on('error', reject).end();
      });
    expect(await statusOf('rebound.example:9464')).toBe(403);
    expect(await statusOf('localhost:9464')).toBe(200);
  });

  test('leaves nothing behind: what came last is delivered when the program ends, within its time', async () => {
    await proxy.request('tools/call', { name: 'it__odd', arguments: {} });
    proxy.endInput();
    expect(await proxy.exited).toMatchObject({ code: 0 });
    expect(collector.spans().filter(({ name }) => name === 'tools/call it__odd')).toHaveLength(1);
    expect(collector.metrics()).toContain('mcp.server.session.duration');
    expect(collector.metrics()).toContain('mcp.client.session.duration');
  });
});

describe('a proxy over HTTP that tells a collector', () => {
  const workspace = createWorkspace();
  let collector: Collector;
  beforeAll(async () => {
    collector = await startCollector();
  });
  afterAll(async () => {
    await workspace.close();
    await collector.close();
  });

  test('goes on from the traceparent of the HTTP request where its message has none', async () => {
    const config = writeConfig(workspace, { servers, log: { level: 'info' } });
    const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`, OTEL_BSP_SCHEDULE_DELAY: '20' };
    const proxy = startProxy(workspace, { args: ['serve', '--config', config, '--http', '0', '--no-auth'], env });
    const find = (): string | undefined => /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(proxy.stderr())?.[0];
    await until(() => find() !== undefined, patienceMs);
    const post = async (message: object, headers: Record<string, string> = {}): Promise<Response> => {
      const common = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };
      const body = JSON.stringify({ jsonrpc: '2.0', ...message });
      return fetch(find()!, { method: 'POST', headers: { ...common, ...headers }, body });
    };
    const clientInfo = { name: 'http', version: '1' };
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
    const opened = await post({ id: 1, method: 'initialize', params });
    await opened.text();
    const session = { 'Mcp-Session-Id': opened.headers.get('mcp-session-id') ?? '' };
    await untilReady(proxy);
    const named = { name: 'it__meta', arguments: {} };
    const one = await post({ id: 2, method: 'tools/call', params: named }, { ...session, traceparent });
    expect(metaIn(await one.text())['traceparent']).toContain(client.traceId);
    await until(() => collector.spans().some(({ name }) => name === 'tools/call it__meta'), patienceMs);
    const served = collector.spans().find(({ name }) => name === 'tools/call it__meta');
    expect(served).toMatchObject({ traceId: client.traceId, parentSpanId: client.spanId, kind: kinds.server });
    expect(served!.attributes).toMatchObject({ 'network.transport': 'tcp' });
    expect(served!.attributes['mcp.session.id']).toMatch(/^[0-9a-f]{16}$/);
    expect(collector.text()).not.toContain(session['Mcp-Session-Id']);
    proxy.signal('SIGTERM');
    expect(await proxy.exited).toMatchObject({ code: 0 });
  });
});
