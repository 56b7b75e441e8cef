import { SpanKind } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
  type Sampler,
} from '@opentelemetry/sdk-trace-base';
import { traceSendings } from '../../src/app/trace-sendings.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Telemetry } from '../../src/core/telemetry.ts';
import type { ClientRequest } from '../../src/serve/client-request.ts';
import type { Engine } from '../../src/serve/engine.ts';
import { handleRequest } from '../../src/serve/handle-request.ts';
import { nameOfTool } from '../../src/serve/telemetry/name-of-tool.ts';
import { createTelemetry } from '../../src/telemetry/create-telemetry.ts';
import { ScrapeReader } from '../../src/telemetry/sdk/scrape-reader.ts';
import { requestOf, type StubEngine } from '../serve/stub-engine.ts';
import { readScrape, type Scrape } from './scrape.ts';

/** Telemetry of a program that has set up an SDK which keeps everything in memory. */
export interface Told {
  telemetry: Telemetry;
  /** Spans that have ended, as they ended. */
  spans(): readonly ReadableSpan[];
  /** Those of the kind CLIENT, SERVER or INTERNAL. */
  ofKind(kind: keyof typeof SpanKind): readonly ReadableSpan[];
  metrics(): Promise<Scrape>;
}

export function tellInMemory(sampler: Sampler = new AlwaysOnSampler()): Told {
  const exporter = new InMemorySpanExporter();
  const reader = new ScrapeReader();
  const tracers = new BasicTracerProvider({ sampler, spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const meters = new MeterProvider({ readers: [reader] });
  const spans = (): readonly ReadableSpan[] => exporter.getFinishedSpans();
  return {
    telemetry: createTelemetry({ tracer: tracers.getTracer('test'), meter: meters.getMeter('test') }),
    spans,
    ofKind: (kind) => spans().filter((span) => span.kind === SpanKind[kind]),
    metrics: async () => readScrape(await reader.text()),
  };
}

/** Has a stub tell what happens, and asks it as a session does. */
export function askTold(
  { engine }: Pick<StubEngine, 'engine'>,
  telemetry: Telemetry,
): (method: string, params: JsonObject, changes?: Partial<ClientRequest>) => Promise<JsonObject> {
  const { call, request } = traceSendings(
    { call: engine.callUpstream, request: engine.requestUpstream },
    { telemetry, setup: engine.setup },
  );
  const told: Engine = { ...engine, telemetry, callUpstream: call, requestUpstream: request };
  let lastId = 0;
  return (method, params, changes = {}) => {
    const asked = requestOf(method, params, changes);
    const toolName = (written: string): string | undefined => nameOfTool(told, written);
    return telemetry.serve(
      { id: ++lastId, method, params, signal: asked.signal, transport: 'stdio', toolName },
      (traced) => handleRequest(told, { ...asked, params: traced }),
    );
  };
}
