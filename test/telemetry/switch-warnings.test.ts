import { describe, expect, test } from 'vitest';
import { switchWarnings } from '../../src/telemetry/switches/switch-warnings.ts';
import { readWanted } from '../../src/telemetry/wanted-telemetry.ts';

const everything = { traces: true, metrics: true, prometheus: true };
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

describe('a switch of OpenTelemetry that is not obeyed', () => {
  test.each([
    [{ OTEL_SDK_DISABLED: '1' }, 'switches nothing off'],
    [{ OTEL_SDK_DISABLED: 'yes' }, 'switches nothing off'],
    [{ OTEL_TRACES_SAMPLER: 'jaeger_remote' }, 'known are always_on'],
    [{ OTEL_TRACES_SAMPLER: 'ALWAYS_OFF' }, 'known are always_on'],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '7' }, 'all traces are kept'],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio' }, 'all traces are kept'],
    [{ OTEL_PROPAGATORS: 'b3' }, 'tracecontext, baggage'],
    [{ OTEL_PROPAGATORS: 'none' }, 'tracecontext, baggage'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, 'mcp-marshal sends JSON'],
    [{ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'sesame' }, 'mcp-marshal sends JSON'],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }, 'known are gzip, none'],
    [{ OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '-5' }, 'its default holds'],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }, 'its default holds'],
    [{ OTEL_METRIC_EXPORT_INTERVAL: 'often' }, 'its default holds'],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: '0' }, 'its default holds'],
    [{ OTEL_BSP_SCHEDULE_DELAY: '5s' }, 'its default holds'],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'Authorization: Bearer sesame' }, 'write NAME=VALUE'],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'x-key=sesame%0Asesame' }, 'write NAME=VALUE'],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'x-key=%E0%A4%A' }, 'write NAME=VALUE'],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'x-key=sesame;sesame' }, 'write NAME=VALUE'],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'a=1,b=sesame=2' }, 'none of it is told'],
    [{ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'sometimes' }, 'cumulative holds'],
    [{ OTEL_EXPORTER_PROMETHEUS_PORT: 'sesame' }, '9464 is taken'],
    [{ OTEL_LOGS_EXPORTER: 'otlp' }, 'no logs are sent'],
    [{ OTEL_CONFIG_FILE: '/sesame.yaml' }, 'is not read'],
  ])('is named once, with what holds instead, and not quoted: %j', (env, words) => {
    const warnings = switchWarnings(env, everything);
    expect(warnings).toEqual([expect.stringContaining(words)]);
    expect(warnings[0]).toContain(Object.keys(env)[0]);
    expect(warnings[0]).not.toContain('sesame');
  });

  test.each([
    {},
    { OTEL_SDK_DISABLED: 'False', OTEL_LOGS_EXPORTER: 'none', OTEL_PROPAGATORS: ' ' },
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25', OTEL_PROPAGATORS: 'baggage, tracecontext' },
    {
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic YTpi==,x-other=a%2Cb c',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    },
    { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip', OTEL_EXPORTER_OTLP_TIMEOUT: '500', OTEL_BSP_SCHEDULE_DELAY: '0' },
    { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,empty=', OTEL_EXPORTER_PROMETHEUS_PORT: '9000' },
  ])('is not said of one that is: %j', (env) => {
    expect(switchWarnings(env, everything)).toEqual([]);
  });

  test('is said where something is told, and only there', () => {
    const nobody = { metrics: undefined, isSetUp: { traces: false, metrics: false } };
    const mistakes = { OTEL_SDK_DISABLED: '1', OTEL_TRACES_SAMPLER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: 'x' };
    expect(readWanted(mistakes, nobody)).toBeUndefined();
    const wanted = readWanted({ ...endpoint, ...mistakes }, nobody);
    expect(wanted?.warnings.map((warning) => warning.split(' ')[0])).toEqual([
      'OTEL_SDK_DISABLED',
      'OTEL_TRACES_SAMPLER',
    ]);
  });
});
