import { describe, expect, test } from 'vitest';
import { batchLimitsOf, intervalsOf } from '../../src/telemetry/sdk/batch-limits.ts';

const usual = {
  maxQueueSize: 2_048,
  maxExportBatchSize: 512,
  scheduledDelayMillis: 5_000,
  exportTimeoutMillis: 30_000,
};
const longest = 2_147_483_647;

describe('how often spans are sent, and how many at once', () => {
  test.each([
    [{}, {}],
    [{ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '100' }, { maxExportBatchSize: 100 }],
    // The SDK would send batches of no spans without end, and never let the process go.
    [{ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0' }, {}],
    [{ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '-1', OTEL_BSP_MAX_QUEUE_SIZE: '-1' }, {}],
    [{ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0.5', OTEL_BSP_MAX_QUEUE_SIZE: 'many' }, {}],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: '10' }, { maxQueueSize: 10, maxExportBatchSize: 10 }],
    [{ OTEL_BSP_SCHEDULE_DELAY: '0' }, { scheduledDelayMillis: 1 }],
    [{ OTEL_BSP_SCHEDULE_DELAY: '-5', OTEL_BSP_EXPORT_TIMEOUT: '0' }, {}],
    [
      { OTEL_BSP_SCHEDULE_DELAY: '99999999999', OTEL_BSP_EXPORT_TIMEOUT: '99999999999' },
      { scheduledDelayMillis: longest, exportTimeoutMillis: longest },
    ],
  ])('by %j', (env, limits) => {
    expect(batchLimitsOf(env)).toEqual({ ...usual, ...limits });
  });
});

test('metrics are sent hardly ever where somebody wants that, and not a thousand times a second', () => {
  expect(intervalsOf({ OTEL_METRIC_EXPORT_INTERVAL: '99999999999' }).exportIntervalMillis).toBe(longest);
  expect(intervalsOf({ OTEL_METRIC_EXPORT_INTERVAL: '0' })).toEqual(intervalsOf({}));
  expect(intervalsOf({ OTEL_METRIC_EXPORT_INTERVAL: '1000' }).exportTimeoutMillis).toBe(1_000);
});
