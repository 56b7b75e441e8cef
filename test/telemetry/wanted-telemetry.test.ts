import { describe, expect, test } from 'vitest';
import { readWanted } from '../../src/telemetry/wanted-telemetry.ts';

const nobody = { metrics: undefined, isSetUp: { traces: false, metrics: false } };
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

describe('what the environment wants told', () => {
  test('is nothing, where it says nothing of OpenTelemetry', () => {
    expect(readWanted({}, nobody)).toBeUndefined();
    expect(readWanted({ OTEL_SERVICE_NAME: 'x', OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, nobody)).toBeUndefined();
  });

  test.each([
    [endpoint, { traces: true, metrics: true }],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, { traces: true, metrics: false }],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:4318/v1/metrics' }, { traces: false, metrics: true }],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, { traces: true, metrics: false }],
    [
      { ...endpoint, OTEL_METRICS_EXPORTER: 'none' },
      { traces: true, metrics: false },
    ],
    [{ OTEL_METRICS_EXPORTER: 'OTLP, prometheus' }, { metrics: true, prometheus: { host: '127.0.0.1', port: 9464 } }],
    [
      { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: '9000' },
      { metrics: false, prometheus: { host: '127.0.0.1', port: 9000 } },
    ],
  ])('by %j', (env, wanted) => {
    expect(readWanted(env, nobody)).toMatchObject({ ...wanted, warnings: [] });
  });

  test('is nothing where the SDK is disabled; a port of the configuration is there all the same', () => {
    const env = { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' };
    expect(readWanted(env, nobody)).toBeUndefined();
    const metrics = { host: '127.0.0.1', port: 9464 };
    expect(readWanted(env, { ...nobody, metrics })).toMatchObject({
      traces: false,
      metrics: false,
      prometheus: metrics,
    });
  });

  test('is not set up twice: whoever has loaded an SDK into the process gets it', () => {
    const isSetUp = { traces: true, metrics: false };
    expect(readWanted(endpoint, { ...nobody, isSetUp })).toMatchObject({ traces: false, metrics: true, isSetUp });
    expect(readWanted({}, { ...nobody, isSetUp })).toMatchObject({ traces: false, metrics: false });
  });

  test('and is not there is named, but not quoted: a key may stand in the wrong variable', () => {
    const wanted = readWanted({ OTEL_TRACES_EXPORTER: 'zipkin,sesame' }, nobody);
    expect(wanted?.warnings).toEqual([
      'OTEL_TRACES_EXPORTER names an exporter that is not there; known are otlp, none',
    ]);
    const grpc = readWanted({ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, nobody);
    expect(grpc?.warnings).toEqual([
      "OTEL_EXPORTER_OTLP_PROTOCOL is grpc, and mcp-marshal sends over HTTP; write the collector's HTTP port, usually 4318",
    ]);
  });

  test.each(['10.0.0.5:4318', 'localhost:4318', 'sesame'])('and would go nowhere is told: %s', (written) => {
    const wanted = readWanted({ OTEL_EXPORTER_OTLP_ENDPOINT: written }, nobody);
    expect(wanted?.warnings).toEqual([
      'OTEL_EXPORTER_OTLP_ENDPOINT is no URL, and nothing goes there; write it with its scheme, such as http://127.0.0.1:4318',
    ]);
  });
});
