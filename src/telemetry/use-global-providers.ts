import { metrics, trace, type Meter, type Tracer } from '@opentelemetry/api';
import type { Telemetry } from '../core/telemetry.ts';
import { packageVersion } from '../lib/version.ts';
import { createTelemetry } from './create-telemetry.ts';

/**
 * For programs that use the library: tells by way of the providers that they have registered with `@opentelemetry/api`, which is to
 * be done before. `createProxy({ config, logger, telemetry: useGlobalProviders() })`.
 */
export function useGlobalProviders(): Telemetry {
  return createTelemetry({ tracer: globalTracer(), meter: globalMeter() });
}

/** Who tells, as instrumentation scope. */
export const scope = (): readonly [name: string, version: string] => ['mcp-marshal', packageVersion()];

export function globalTracer(): Tracer {
  return trace.getTracer(...scope());
}

export function globalMeter(): Meter {
  return metrics.getMeter(...scope());
}
