import type { Logger } from '../../lib/logger.ts';

/** What the exporters of traces and of metrics have in common. */
interface Exporter<T> {
  export(batch: T, done: (result: { code: number; error?: Error }) => void): void;
}

/** The code of a batch that was delivered. */
const delivered = 0;

/** What an exporter sends. */
export type Signal = 'traces' | 'metrics';

/** Whether what is told arrives. */
export interface ExportWatch {
  /**
   * Has the log tell when what this exporter sends cannot be delivered: at the first time, and again when it can be. Calls go on
   * whatever becomes of it. Returns the exporter.
   */
  watch<T, E extends Exporter<T>>(signal: Signal, exporter: E & Exporter<T>): E;
  /** Whether the last batch of this signal was not delivered. */
  isFailing(signal: Signal): boolean;
}

export function watchExports(logger: Logger): ExportWatch {
  const failing = new Set<Signal>();
  return {
    watch(signal, exporter) {
      const send = exporter.export.bind(exporter);
      exporter.export = (batch, done) =>
        send(batch, (result) => {
          const hasFailed = result.code !== delivered;
          const wasFailing = failing.has(signal);
          if (hasFailed && !wasFailing) logger.warn({ reason: reasonOf(result.error) }, describe(signal));
          if (!hasFailed && wasFailing) logger.info({}, `${signal} are delivered again`);
          if (hasFailed) failing.add(signal);
          else failing.delete(signal);
          done(result);
        });
      return exporter;
    },
    isFailing: (signal) => failing.has(signal),
  };
}

/** Many collectors take traces alone. */
function describe(signal: Signal): string {
  return `${signal} ${undelivered}; OTEL_${signal.toUpperCase()}_EXPORTER=none switches them off`;
}

const undelivered =
  'cannot be delivered, and those that do not fit into the queue are lost; calls go on. See that a collector takes OTLP over HTTP, as JSON, where OTEL_EXPORTER_OTLP_ENDPOINT says';

/** What exporters say without a code. Nothing else of theirs is shown. */
const sayings = new Map([
  ['Request timed out', 'no answer in time'],
  ['Export failed with retryable status', 'HTTP 429, 502, 503 or 504'],
  ['Concurrent export limit reached', 'too many are under way'],
]);

/** By its code: messages quote URLs, and answers of collectors. */
function reasonOf(error: Error | undefined): string {
  const said = sayings.get(error?.message ?? '');
  if (said !== undefined) return said;
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return `HTTP ${code}`;
  return typeof code === 'string' ? code : (error?.name ?? 'unknown');
}
