import { metrics, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { createServer, request, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import type { Logger } from '../../src/lib/logger.ts';
import { listenForScrapes } from '../../src/telemetry/sdk/listen-for-scrapes.ts';
import { renderMetrics } from '../../src/telemetry/sdk/render-metrics.ts';
import { ScrapeReader } from '../../src/telemetry/sdk/scrape-reader.ts';
import { startSdk } from '../../src/telemetry/sdk/start-sdk.ts';
import { unreadableFiles } from '../../src/telemetry/sdk/unreadable-files.ts';
import { watchExports } from '../../src/telemetry/sdk/watch-exports.ts';
import { useGlobalProviders } from '../../src/telemetry/use-global-providers.ts';
import { findSetUp } from '../../src/telemetry/wanted-telemetry.ts';
import { readScrape } from './scrape.ts';

describe('metrics as Prometheus reads them', () => {
  test('have names with their unit, and labels in which nothing can break out', async () => {
    const reader = new ScrapeReader();
    const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
    meter.createCounter('a.calls', { unit: '{call}', description: 'Two\nlines.' }).add(2, { 'a.label': 'x"\\\n} 1' });
    meter.createHistogram('a.duration', { unit: 's', advice: { explicitBucketBoundaries: [1, 2] } }).record(1.5);
    const { text, families } = readScrape(await reader.text());
    expect(text).toContain('# HELP a_calls_total Two\\nlines.\n');
    expect(text).toContain('a_calls_total{a_label="x\\"\\\\\\n} 1"} 2\n');
    expect(families.find(({ name }) => name === 'a_duration_seconds')).toEqual({
      name: 'a_duration_seconds',
      help: '',
      type: 'HISTOGRAM',
      metrics: [{ buckets: { '1': '0', '2': '1', '+Inf': '1' }, count: '1', sum: '1.5' }],
    });
  });
});

test('a NUL in a label is none in the page: Prometheus refuses a whole page for one', () => {
  const resource = resourceFromAttributes({ 'service.name': 'a\0b' });
  expect(renderMetrics({ resource, scopeMetrics: [] })).toContain('target_info{service_name="a\ufffdb"} 1\n');
});

test('a label that two attributes would have is written once: Prometheus refuses a whole page for one that is there twice', () => {
  const resource = resourceFromAttributes({ 'a.b': '1', a_b: '2' });
  expect(renderMetrics({ resource, scopeMetrics: [] })).toContain('target_info{a_b="1;2"} 1\n');
});

const hasIpv6 = Object.values(networkInterfaces()).some((found) => found?.some(({ address }) => address === '::1'));

describe('the port for metrics', () => {
  test.each(['127.0.0.1', 'LOCALHOST', ...(hasIpv6 ? ['::ffff:127.0.0.1', '0:0:0:0:0:0:0:1'] : [])])(
    'on %s is for those who ask for this machine by its name',
    async (host) => {
      const listener = await listenForScrapes({ host, port: 0 }, () => Promise.resolve('x 1\n'));
      const { port } = new URL(listener.url);
      const ask = (Host: string): Promise<number | undefined> =>
        new Promise((resolve, reject) => {
          const asked = request({ host, port, path: '/metrics', headers: { Host } }, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          });
          asked.on('error', reject).end();
        });
      expect(await ask('elsewhere.example')).toBe(403);
      expect(await ask(new URL(listener.url).host)).toBe(200);
      await listener.close();
    },
  );

  test('is not held by those who ask and do not read', async () => {
    const page = `x ${'1'.repeat(1_000_000)}\n`;
    const listener = await listenForScrapes({ host: '127.0.0.1', port: 0 }, () => Promise.resolve(page), {
      stuckMs: 200,
    });
    const asks = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(50);
    const sockets = Array.from({ length: 20 }, () => connect(Number(new URL(listener.url).port), '127.0.0.1'));
    for (const socket of sockets)
      socket
        .on('error', () => {})
        .pause()
        .write(asks);
    const isShown = (): Promise<boolean> =>
      fetch(listener.url, { headers: { Connection: 'close' }, signal: AbortSignal.timeout(500) })
        .then(async (answer) => (await answer.text()) === page)
        .catch(() => false);
    await expect.poll(isShown, { timeout: 5_000 }).toBe(true);
    for (const socket of sockets) socket.destroy();
    await listener.close();
  });

  test('has /metrics and nothing else, to be read and nothing else', async () => {
    const listener = await listenForScrapes({ host: '127.0.0.1', port: 0 }, () => Promise.resolve('x 1\n'));
    const statusOf = async (path: string, method = 'GET'): Promise<number> => {
      const answer = await fetch(new URL(path, listener.url), { method });
      await answer.text();
      return answer.status;
    };
    expect(await statusOf('/metrics?name[]=x')).toBe(200);
    expect(await statusOf('/')).toBe(404);
    expect(await statusOf('/metrics', 'POST')).toBe(405);
    await listener.close();
    await expect(fetch(listener.url)).rejects.toThrow('fetch failed');
  });
});

describe('an exporter whose collector is not there', () => {
  test('is told of once, by a code alone, and once more when it is there again', () => {
    const lines: string[] = [];
    const write = (fields: object, message: string): void => void lines.push(`${JSON.stringify(fields)} ${message}`);
    const logger: Logger = { error: write, warn: write, info: write, debug: write, child: () => logger };
    const results = [
      { code: 1, error: Object.assign(new Error('http://user:sesame@host'), { code: 'ECONNREFUSED' }) },
      { code: 1, error: Object.assign(new Error('sesame'), { code: 503 }) },
      { code: 0 },
      { code: 1, error: Object.assign(new Error('sesame'), { code: 401 }) },
    ];
    const exporter = {
      export(batch: number, done: (result: { code: number; error?: Error }) => void) {
        done(results[batch]!);
      },
    };
    const { watch, isFailing } = watchExports(logger);
    const watched = watch('traces', exporter);
    const codes: number[] = [];
    for (const batch of [0, 1, 2, 3]) watched.export(batch, ({ code }) => void codes.push(code));
    expect(codes).toEqual([1, 1, 0, 1]);
    expect({ traces: isFailing('traces'), metrics: isFailing('metrics') }).toEqual({ traces: true, metrics: false });
    expect(lines[0]).toContain('OTEL_TRACES_EXPORTER=none switches them off');
    expect(lines).toEqual([
      expect.stringMatching(/^\{"reason":"ECONNREFUSED"\} traces cannot be delivered/),
      '{} traces are delivered again',
      expect.stringMatching(/^\{"reason":"HTTP 401"\} traces cannot be delivered/),
    ]);
  });
});

describe('an exporter that gets no good answer', () => {
  const reasonsOf = (error: Error): unknown[] => {
    const reasons: unknown[] = [];
    const note = (fields: object): void => void reasons.push(Reflect.get(fields, 'reason'));
    const logger: Logger = { error: note, warn: note, info: note, debug: note, child: () => logger };
    const exporter = {
      export(_batch: number, done: (result: { code: number; error?: Error }) => void) {
        done({ code: 1, error });
      },
    };
    watchExports(logger)
      .watch('traces', exporter)
      .export(0, () => {});
    return reasons;
  };

  test.each([
    ['a collector that hangs', (): void => {}, 'no answer in time'],
    [
      'one that wants to be left alone',
      (answer: ServerResponse) => answer.writeHead(503).end(),
      'HTTP 429, 502, 503 or 504',
    ],
  ])('says what is wrong with it, in words that help: %s', async (_title, answer, reason) => {
    const server = createServer((_request, response) => answer(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces`, timeoutMillis: 100 });
    const error = await new Promise<Error | undefined>((resolve) =>
      exporter.export([], (result) => resolve(result.error)),
    );
    expect(reasonsOf(error!)).toEqual([reason]);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

test('a collector that takes traces alone gets the last of them: that it refuses metrics shortens no wait but theirs', async () => {
  const slowMs = 500;
  const taken: string[] = [];
  const server = createServer((asked, answer) => {
    asked.resume().on('end', () => {
      taken.push(asked.url ?? '');
      if (asked.url === '/v1/metrics') answer.writeHead(404).end();
      else setTimeout(() => answer.writeHead(200).end('{}'), slowMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${port}`);
  const warnings: string[] = [];
  const ignore = (): void => {};
  const warn = (_fields: object, message: string): void => void warnings.push(message.split(' ')[0] ?? '');
  const logger: Logger = { error: ignore, warn, info: ignore, debug: ignore, child: () => logger };
  const isSetUp = { traces: false, metrics: false };
  const wanted = { traces: true, metrics: true, prometheus: undefined, isSetUp, warnings: [] };
  const sdk = await startSdk(wanted, { logger, env: {} });
  sdk.meters!.getMeter('test').createCounter('a').add(1);
  sdk.flush();
  await expect.poll(() => warnings).toEqual(['metrics']);
  sdk.tracers!.getTracer('test').startSpan('last').end();
  await sdk.close();
  // That the last ones are lost would be one more.
  expect(warnings).toEqual(['metrics']);
  expect(taken).toContain('/v1/traces');
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a certificate that cannot be read is named, since exporters go on without it and say nothing', async () => {
  const env = {
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/sesame.pem',
    OTEL_EXPORTER_OTLP_CLIENT_KEY: import.meta.filename,
  };
  expect(await unreadableFiles(env)).toEqual([
    'OTEL_EXPORTER_OTLP_CERTIFICATE names a file that cannot be read (ENOENT); collectors are spoken to without it',
  ]);
});

describe('a program that uses the library and has an SDK of its own', () => {
  test('gets what happens by way of the providers that it has registered', async () => {
    const exporter = new InMemorySpanExporter();
    expect(findSetUp()).toEqual({ traces: false, metrics: false });
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
    metrics.setGlobalMeterProvider(new MeterProvider());
    try {
      expect(findSetUp()).toEqual({ traces: true, metrics: true });
      const telemetry = useGlobalProviders();
      const { signal } = new AbortController();
      const asked = {
        id: 1,
        method: 'ping',
        params: {},
        signal,
        transport: 'stdio',
        toolName: () => undefined,
      } as const;
      await telemetry.serve(asked, () => ({}));
      expect(exporter.getFinishedSpans()).toMatchObject([
        { name: 'ping', instrumentationScope: { name: 'mcp-marshal' } },
      ]);
    } finally {
      trace.disable();
      metrics.disable();
    }
  });
});
