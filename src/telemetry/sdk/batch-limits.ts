/** The longest time that Node's timers know; of a longer one they make a millisecond. */
const maxTimerMs = 2_147_483_647;
/** As many spans as may wait; each is about a kilobyte. */
const maxQueued = 1_000_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** How often spans are sent, and how many at once. */
export interface BatchLimits {
  maxQueueSize: number;
  maxExportBatchSize: number;
  scheduledDelayMillis: number;
  exportTimeoutMillis: number;
}

/**
 * OpenTelemetry, environment variable specification, batch span processor. Of what makes no sense the default stands: the SDK would take
 * it at its word, and with batches of no spans it sends without end and fills the memory.
 */
export function batchLimitsOf(env: Environment): BatchLimits {
  const maxQueueSize = readCount(env['OTEL_BSP_MAX_QUEUE_SIZE']) ?? 2_048;
  const maxExportBatchSize = readCount(env['OTEL_BSP_MAX_EXPORT_BATCH_SIZE']) ?? 512;
  const delayMs = readMs(env['OTEL_BSP_SCHEDULE_DELAY']) ?? 5_000;
  return {
    maxQueueSize,
    maxExportBatchSize: Math.min(maxExportBatchSize, maxQueueSize),
    scheduledDelayMillis: env['OTEL_BSP_SCHEDULE_DELAY']?.trim() === '0' ? 1 : delayMs,
    exportTimeoutMillis: readMs(env['OTEL_BSP_EXPORT_TIMEOUT']) ?? 30_000,
  };
}

/** OpenTelemetry, environment variable specification, periodic exporting metric reader. */
export function intervalsOf(env: Environment): { exportIntervalMillis: number; exportTimeoutMillis: number } {
  const exportIntervalMillis = readMs(env['OTEL_METRIC_EXPORT_INTERVAL']) ?? 60_000;
  const timeoutMs = readMs(env['OTEL_METRIC_EXPORT_TIMEOUT']) ?? 30_000;
  return { exportIntervalMillis, exportTimeoutMillis: Math.min(timeoutMs, exportIntervalMillis) };
}

/** At least a millisecond, and no longer than a timer lasts: whoever writes a month means hardly ever. */
function readMs(written: string | undefined): number | undefined {
  const value = Number(written);
  return Number.isFinite(value) && value >= 1 ? Math.min(value, maxTimerMs) : undefined;
}

function readCount(written: string | undefined): number | undefined {
  const value = Number(written);
  return Number.isInteger(value) && value >= 1 ? Math.min(value, maxQueued) : undefined;
}
