import { createServer } from 'node:http';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { isJsonObject } from '../../src/core/json.ts';

/** A span as a collector gets it, its attributes as one object. */
export interface TakenSpan {
  name: string;
  /** 1 internal, 2 server, 3 client. */
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  startMs: number;
  endMs: number;
  isError: boolean;
  attributes: Record<string, JsonValue>;
  events: { name: string; attributes: Record<string, JsonValue> }[];
}

/** A stand-in for a collector of OpenTelemetry: takes OTLP over HTTP, as JSON, on loopback. */
export interface Collector {
  url: string;
  spans(): TakenSpan[];
  /** What every span said of the process that it came from. */
  resource(): Record<string, JsonValue>;
  /** Names of the metrics that came. */
  metrics(): string[];
  /** Bodies as they came. */
  text(): string;
  /** Headers of the last request. */
  headers(): Record<string, unknown>;
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const bodies: { path: string; text: string }[] = [];
  let headers: Record<string, unknown> = {};
  const server = createServer((request, response) => {
    let text = '';
    ({ headers } = request);
    request.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk));
    request.on('end', () => {
      bodies.push({ path: request.url ?? '', text });
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const sent = (path: string, key: string): JsonObject[] =>
    bodies.filter((body) => body.path === path).flatMap(({ text }) => list(JSON.parse(text), key));
  return {
    url: `http://127.0.0.1:${port}`,
    spans: () =>
      sent('/v1/traces', 'resourceSpans')
        .flatMap((one) => list(one, 'scopeSpans'))
        .flatMap((one) => list(one, 'spans'))
        .map(toSpan),
    resource: () => {
      const [first] = sent('/v1/traces', 'resourceSpans');
      return isJsonObject(first?.['resource']) ? toAttributes(first['resource']) : {};
    },
    metrics: () =>
      sent('/v1/metrics', 'resourceMetrics')
        .flatMap((one) => list(one, 'scopeMetrics'))
        .flatMap((one) => list(one, 'metrics'))
        .map(({ name }) => toText(name)),
    text: () => bodies.map(({ text }) => text).join('\n'),
    headers: () => headers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function toSpan(span: JsonObject): TakenSpan {
  const status = span['status'];
  return {
    name: toText(span['name']),
    kind: Number(span['kind']),
    traceId: toText(span['traceId']),
    spanId: toText(span['spanId']),
    parentSpanId: toText(span['parentSpanId']),
    startMs: Number(span['startTimeUnixNano']) / 1e6,
    endMs: Number(span['endTimeUnixNano']) / 1e6,
    isError: isJsonObject(status) && status['code'] === 2,
    attributes: toAttributes(span),
    events: list(span, 'events').map((event) => ({ name: toText(event['name']), attributes: toAttributes(event) })),
  };
}

function list(value: unknown, key: string): JsonObject[] {
  const found = isJsonObject(value) ? value[key] : undefined;
  return Array.isArray(found) ? found.filter(isJsonObject) : [];
}

function toAttributes(of: JsonObject): Record<string, JsonValue> {
  return Object.fromEntries(list(of, 'attributes').map(({ key, value }) => [toText(key), toValue(value)]));
}

function toValue(value: JsonValue | undefined): JsonValue {
  if (!isJsonObject(value)) return null;
  if (isJsonObject(value['arrayValue'])) return list(value['arrayValue'], 'values').map(toValue);
  const [inner] = Object.values(value);
  return inner ?? null;
}

function toText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
