import { switchWarnings } from './switches/switch-warnings.ts';

/** Where metrics are found by Prometheus. */
export interface MetricsAddress {
  host: string;
  /** 0: any free one. */
  port: number;
}

/** What the program is to tell, and where. */
export interface WantedTelemetry {
  /** Over OTLP. */
  traces: boolean;
  metrics: boolean;
  prometheus: MetricsAddress | undefined;
  /** Whether somebody else in this process has set up where traces go, and metrics. Nothing is set up beside it. */
  isSetUp: { traces: boolean; metrics: boolean };
  /** What was asked for and is not there. */
  warnings: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads what the configuration and the environment want (OpenTelemetry, environment variable specification). Undefined where that is
 * nothing: then nothing of OpenTelemetry is loaded.
 */
export function readWanted(
  env: Environment,
  { metrics: configured, isSetUp }: { metrics: MetricsAddress | undefined; isSetUp: WantedTelemetry['isSetUp'] },
): WantedTelemetry | undefined {
  const isDisabled = env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true';
  const traces = isDisabled ? nothing : readExporters(env, 'TRACES', ['otlp']);
  const metrics = isDisabled ? nothing : readExporters(env, 'METRICS', ['otlp', 'prometheus']);
  const wanted: WantedTelemetry = {
    traces: traces.names.has('otlp') && !isSetUp.traces,
    metrics: metrics.names.has('otlp') && !isSetUp.metrics,
    prometheus: configured ?? (metrics.names.has('prometheus') ? prometheusOf(env) : undefined),
    isSetUp,
    warnings: [...traces.warnings, ...metrics.warnings],
  };
  const isWanted = wanted.traces || wanted.metrics || wanted.prometheus !== undefined;
  if (!isWanted && !isSetUp.traces && !isSetUp.metrics && wanted.warnings.length === 0) return undefined;
  if (!isWanted) return wanted;
  const ofOtlp = wanted.traces || wanted.metrics ? [...protocolWarnings(env), ...endpointWarnings(env)] : [];
  const tells = { ...wanted, prometheus: configured === undefined && wanted.prometheus !== undefined };
  return { ...wanted, warnings: [...wanted.warnings, ...ofOtlp, ...switchWarnings(env, tells)] };
}

/** Whether an SDK is registered in this process already, such as one that was loaded with `--import`. Loads nothing. */
export function findSetUp(): WantedTelemetry['isSetUp'] {
  // Where every copy of @opentelemetry/api, version 1, keeps what was registered.
  const found: unknown = Reflect.get(globalThis, Symbol.for('opentelemetry.js.api.1'));
  const has = (key: string): boolean => typeof found === 'object' && found !== null && Reflect.has(found, key);
  return { traces: has('trace'), metrics: has('metrics') };
}

interface Exporters {
  names: ReadonlySet<string>;
  warnings: readonly string[];
}

const nothing: Exporters = { names: new Set(), warnings: [] };

function readExporters(env: Environment, signal: 'TRACES' | 'METRICS', known: readonly string[]): Exporters {
  const variable = `OTEL_${signal}_EXPORTER`;
  const written = env[variable]?.trim();
  if (written === undefined || written === '') {
    const hasEndpoint = [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT'].some(
      (name) => (env[name] ?? '').trim() !== '',
    );
    return hasEndpoint ? { names: new Set(['otlp']), warnings: [] } : nothing;
  }
  const names = new Set(written.split(',').map((name) => name.trim().toLowerCase()));
  const isKnown = [...names].every((name) => name === '' || name === 'none' || known.includes(name));
  // Not quoted: what stands in the wrong variable may be anything.
  const choice = [...known, 'none'].join(', ');
  return { names, warnings: isKnown ? [] : [`${variable} names an exporter that is not there; known are ${choice}`] };
}

function protocolWarnings(env: Environment): string[] {
  const names = ['', 'TRACES_', 'METRICS_'].map((signal) => `OTEL_EXPORTER_OTLP_${signal}PROTOCOL`);
  return names
    .filter((name) => env[name]?.trim().toLowerCase() === 'grpc')
    .map((name) => `${name} is grpc, and mcp-marshal sends over HTTP; write the collector's HTTP port, usually 4318`);
}

/** What is no URL, the exporters pass over without a word, and send to localhost. Not quoted: keys stand in URLs. */
function endpointWarnings(env: Environment): string[] {
  const names = ['', 'TRACES_', 'METRICS_'].map((signal) => `OTEL_EXPORTER_OTLP_${signal}ENDPOINT`);
  return names
    .filter((name) => (env[name] ?? '').trim() !== '' && !isHttpUrl(env[name]?.trim() ?? ''))
    .map(
      (name) => `${name} is no URL, and nothing goes there; write it with its scheme, such as http://127.0.0.1:4318`,
    );
}

function isHttpUrl(written: string): boolean {
  return URL.canParse(written) && /^https?:$/.test(new URL(written).protocol);
}

/** OpenTelemetry, environment variable specification, Prometheus exporter. */
function prometheusOf(env: Environment): MetricsAddress {
  const port = Number(env['OTEL_EXPORTER_PROMETHEUS_PORT'] ?? '');
  const isPort = Number.isInteger(port) && port > 0 && port <= 65_535;
  return { host: env['OTEL_EXPORTER_PROMETHEUS_HOST']?.trim() || '127.0.0.1', port: isPort ? port : 9464 };
}
