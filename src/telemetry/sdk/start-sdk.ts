import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader, type IMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../../lib/logger.ts';
import type { WantedTelemetry } from '../wanted-telemetry.ts';
import { batchLimitsOf, intervalsOf } from './batch-limits.ts';
import { describeProcess } from './describe-process.ts';
import { listenForScrapes } from './listen-for-scrapes.ts';
import { ScrapeReader } from './scrape-reader.ts';
import { unreadableFiles } from './unreadable-files.ts';
import { watchExports, type Signal } from './watch-exports.ts';

/** What has been set up of our own. */
export interface RunningSdk {
  tracers: BasicTracerProvider | undefined;
  meters: MeterProvider | undefined;
  url: string | undefined;
  flush(): void;
  /** Never rejects, and takes two seconds at most. */
  close(): Promise<void>;
}

/** A client or a supervisor waits for us to end; what a collector has not taken by then is lost. */
const closeLimitMs = 2_000;
/** One that was not there a moment ago is not waited for as long. */
const failingCloseLimitMs = 300;

/** Sets up exporters as the environment says. Rejects with Node's error where the address for metrics cannot be had. */
export async function startSdk(
  wanted: WantedTelemetry,
  { logger, env }: { logger: Logger; env: Readonly<Record<string, string | undefined>> },
): Promise<RunningSdk> {
  if (wanted.traces || wanted.metrics) {
    for (const warning of await unreadableFiles(env)) logger.warn({}, warning);
  }
  const resource = describeProcess();
  const exports = watchExports(logger);
  const readers: IMetricReader[] = [];
  const scrapes = wanted.prometheus && new ScrapeReader();
  const listener = scrapes && (await listenForScrapes(wanted.prometheus!, () => scrapes.text()));
  if (listener !== undefined) logger.info({ url: listener.url }, 'metrics for Prometheus');
  if (scrapes !== undefined) readers.push(scrapes);
  if (wanted.metrics) {
    readers.push(
      new PeriodicExportingMetricReader({
        exporter: exports.watch('metrics', new OTLPMetricExporter()),
        ...intervalsOf(env),
      }),
    );
  }
  // Of our own, whoever has registered others: a port that was asked for shows what it says.
  const meters = readers.length > 0 ? new MeterProvider({ resource, readers }) : undefined;
  const tracers = wanted.traces
    ? new BasicTracerProvider({
        resource,
        spanProcessors: [new BatchSpanProcessor(exports.watch('traces', new OTLPTraceExporter()), batchLimitsOf(env))],
      })
    : undefined;
  return {
    tracers,
    meters,
    url: listener?.url,
    flush() {
      tracers?.forceFlush().catch(() => {});
      meters?.forceFlush().catch(() => {});
    },
    async close() {
      // Each for itself: many collectors take traces, and refuse metrics at once.
      const limitOf = (signal: Signal): number => (exports.isFailing(signal) ? failingCloseLimitMs : closeLimitMs);
      const ends = [
        within(limitOf('traces'), Promise.allSettled([tracers?.shutdown()])),
        within(limitOf('metrics'), Promise.allSettled([meters?.shutdown(), listener?.close()])),
      ];
      const isDone = (await Promise.all(ends)).every((isInTime) => isInTime);
      if (!isDone) logger.warn({}, 'the last traces and metrics were not taken in time, and are lost');
    },
  };
}

/** Whether it was done in time. */
async function within(ms: number, done: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const isDone = await Promise.race([done.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}
