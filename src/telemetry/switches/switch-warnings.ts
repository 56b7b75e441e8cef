type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Of the switches of OpenTelemetry that mean something where traces or metrics are told, those that are not obeyed, each with what
 * holds instead. The SDK says that to nobody: its own words quote what was written, and keys are written there. So nothing is quoted.
 */
export function switchWarnings(
  env: Environment,
  tells: { traces: boolean; metrics: boolean; prometheus: boolean },
): string[] {
  const isOtlp = tells.traces || tells.metrics;
  return [
    ...disabledWarnings(env),
    ...(tells.prometheus ? portWarnings(env) : []),
    ...(isOtlp ? exporterWarnings(env) : []),
    ...(tells.traces ? traceWarnings(env) : []),
    ...(tells.metrics ? temporalityWarnings(env) : []),
    ...foreignWarnings(env),
  ];
}

/** What was written there; nothing where that is nothing (environment variable specification: empty is unset). */
function writtenAt(env: Environment, name: string): string | undefined {
  const written = env[name]?.trim();
  return written === '' ? undefined : written;
}

/** The same variable for both signals, and for each of them. */
function ofSignals(suffix: string): string[] {
  return ['', 'TRACES_', 'METRICS_'].map((signal) => `OTEL_EXPORTER_OTLP_${signal}${suffix}`);
}

/** Those of these variables in which something else stands than what is right. */
function wrong(env: Environment, names: readonly string[], isRight: (written: string) => boolean): string[] {
  return names.filter((name) => {
    const written = writtenAt(env, name);
    return written !== undefined && !isRight(written);
  });
}

function disabledWarnings(env: Environment): string[] {
  return wrong(env, ['OTEL_SDK_DISABLED'], (written) => /^(?:true|false)$/i.test(written)).map(
    (name) => `${name} is neither true nor false, and switches nothing off; write true`,
  );
}

function portWarnings(env: Environment): string[] {
  const isPort = (written: string): boolean => isCount(written) && Number(written) <= 65_535;
  return wrong(env, ['OTEL_EXPORTER_PROMETHEUS_PORT'], isPort).map((name) => `${name} is no port; 9464 is taken`);
}

function exporterWarnings(env: Environment): string[] {
  const isCompression = (written: string): boolean => written === 'gzip' || written === 'none';
  return [
    // grpc has words of its own.
    ...wrong(env, ofSignals('PROTOCOL'), (written) => /^(?:http\/json|grpc)$/i.test(written)).map(
      (name) =>
        `${name} is not http/json, and mcp-marshal sends JSON; a collector takes it at the same port unless it takes protobuf alone`,
    ),
    ...wrong(env, ofSignals('HEADERS'), isHeaders).map(
      (name) =>
        `${name} holds what is no header; write NAME=VALUE, with commas between several, and %2C and %3B for a comma and a semicolon inside`,
    ),
    ...wrong(env, ofSignals('COMPRESSION'), isCompression).map(
      (name) => `${name} names a compression that is not there; known are gzip, none`,
    ),
    ...wrong(env, [...ofSignals('TIMEOUT'), ...times], isAboveZero).map(
      (name) => `${name} is no number of milliseconds above 0, and its default holds`,
    ),
    ...wrong(env, counts, isCount).map((name) => `${name} is no whole number above 0, and its default holds`),
    ...wrong(env, ['OTEL_RESOURCE_ATTRIBUTES'], isResource).map(
      (name) => `${name} cannot be read, and none of it is told; write KEY=VALUE, with commas between several`,
    ),
  ];
}

const times = ['OTEL_BSP_EXPORT_TIMEOUT', 'OTEL_METRIC_EXPORT_INTERVAL', 'OTEL_METRIC_EXPORT_TIMEOUT'];
const counts = ['OTEL_BSP_MAX_QUEUE_SIZE', 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE'];

function traceWarnings(env: Environment): string[] {
  const sampler = env['OTEL_TRACES_SAMPLER'] ?? '';
  const { OTEL_TRACES_SAMPLER_ARG: share = '' } = env;
  // The SDK reads this one as it stands, with its capitals and blanks.
  const isKnown = sampler.trim() === '' || samplers.includes(sampler);
  const isShare = share.trim() !== '' && Number(share) >= 0 && Number(share) <= 1;
  const carried = new Set((writtenAt(env, 'OTEL_PROPAGATORS') ?? 'tracecontext').split(',').map((name) => name.trim()));
  const isCarried = carried.has('tracecontext') && [...carried].every((name) => propagators.has(name));
  return [
    ...(isKnown ? [] : [`OTEL_TRACES_SAMPLER names a sampler that is not there; known are ${samplers.join(', ')}`]),
    ...(sampler.endsWith('traceidratio') && isKnown && !isShare
      ? ['OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1, and all traces are kept']
      : []),
    ...(isCarried ? [] : ['OTEL_PROPAGATORS changes nothing; trace context comes and goes as tracecontext, baggage']),
    // 0 is at once.
    ...wrong(env, ['OTEL_BSP_SCHEDULE_DELAY'], (written) => written === '0' || isAboveZero(written)).map(
      (name) => `${name} is no number of milliseconds, and its default holds`,
    ),
  ];
}

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
];
const propagators: ReadonlySet<string> = new Set(['tracecontext', 'baggage']);

function temporalityWarnings(env: Environment): string[] {
  const isKnown = (written: string): boolean => /^(?:cumulative|delta|lowmemory)$/i.test(written);
  return wrong(env, ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE'], isKnown).map(
    (name) => `${name} is none of cumulative, delta, lowmemory; cumulative holds`,
  );
}

/** What other programs have and this one has not. */
function foreignWarnings(env: Environment): string[] {
  const isNone = (written: string): boolean => written.toLowerCase() === 'none';
  return [
    ...wrong(env, ['OTEL_LOGS_EXPORTER'], isNone).map(
      (name) => `${name} changes nothing: the log goes to stderr, and no logs are sent`,
    ),
    ...wrong(env, ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'], () => false).map(
      (name) => `${name} is not read; the other variables hold`,
    ),
  ];
}

function isAboveZero(written: string): boolean {
  return Number.isFinite(Number(written)) && Number(written) > 0;
}

function isCount(written: string): boolean {
  return Number.isInteger(Number(written)) && Number(written) > 0;
}

/** RFC 9110 §5: what Node refuses to send as a header keeps everything from being sent. */
function isHeaders(written: string): boolean {
  return pairsOf(written).every(
    // oxlint-disable-next-line no-control-regex -- the controls are what is refused
    (pair) =>
      pair !== undefined &&
      // What stands behind it is cut off.
      !pair.raw.includes(';') &&
      /^[\w!#$%&'*+.^`|~-]+$/.test(pair.key) &&
      /^[\t\x20-\x7e\x80-\xff]+$/.test(pair.value),
  );
}

/** Resource SDK, specifying resource information via an environment variable: on any error all of it is passed over. */
function isResource(written: string): boolean {
  return pairsOf(written).every(
    (pair) => pair !== undefined && !pair.raw.includes('=') && pair.key.length <= 255 && pair.value.length <= 255,
  );
}

interface Pair {
  key: string;
  value: string;
  /** The value as it was written. */
  raw: string;
}

/** W3C Baggage without properties; nothing for what is no pair. */
function pairsOf(written: string): (Pair | undefined)[] {
  return written
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [, key = '', raw = ''] = /^([^=]*)=(.*)$/s.exec(part) ?? [];
      if (key.trim() === '') return undefined;
      try {
        return { key: decodeURIComponent(key.trim()), value: decodeURIComponent(raw.trim()), raw };
      } catch {
        return undefined;
      }
    });
}
