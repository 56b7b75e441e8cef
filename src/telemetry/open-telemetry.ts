import type { Telemetry } from '../core/telemetry.ts';
import type { Logger } from '../lib/logger.ts';
import { createTelemetry } from './create-telemetry.ts';
import { globalMeter, globalTracer, scope } from './use-global-providers.ts';
import type { WantedTelemetry } from './wanted-telemetry.ts';

/** What tells, while the program runs. */
export interface RunningTelemetry {
  telemetry: Telemetry;
  /** Where Prometheus finds metrics. Absent: nowhere. */
  url?: string;
  /** Sends what is there, without waiting for it. */
  flush(): void;
  /** Sends what is left, within two seconds, and ends. Never rejects. */
  close(): Promise<void>;
}

/**
 * Sets up what is wanted, with OpenTelemetry's SDK, which is loaded for it. Where somebody else has set up providers, theirs are used.
 * Rejects with Node's error where the address for metrics cannot be had.
 */
export async function openTelemetry(
  wanted: WantedTelemetry,
  { logger, env }: { logger: Logger; env: Readonly<Record<string, string | undefined>> },
): Promise<RunningTelemetry> {
  for (const warning of wanted.warnings) logger.warn({}, warning);
  const isOwn = wanted.traces || wanted.metrics || wanted.prometheus !== undefined;
  const { startSdk } = isOwn ? await import('./sdk/start-sdk.ts') : {};
  const sdk = await startSdk?.(wanted, { logger, env });
  const telemetry = createTelemetry({
    tracer: sdk?.tracers?.getTracer(...scope()) ?? globalTracer(),
    meter: sdk?.meters?.getMeter(...scope()) ?? globalMeter(),
  });
  return {
    telemetry,
    ...(sdk?.url !== undefined && { url: sdk.url }),
    flush: () => sdk?.flush(),
    close: async () => sdk?.close(),
  };
}
