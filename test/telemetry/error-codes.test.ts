import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { createTelemetry } from '../../src/telemetry/create-telemetry.ts';
import { ScrapeReader } from '../../src/telemetry/sdk/scrape-reader.ts';

/** Codes of their own making are as many as a server likes; beyond 2,000 series the SDK drops the labels of all. */
test('error codes that a server makes up are one series, and those of JSON-RPC and MCP are told apart', async () => {
  const reader = new ScrapeReader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
  const telemetry = createTelemetry({ tracer: trace.getTracer('test'), meter });
  const server = { name: 'odd', transport: 'stdio' } as const;
  const codes = [...Array.from({ length: 3_000 }, (_, index) => index + 1), -32_601, -32_042];
  for (const code of codes) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as a server answers
    await telemetry.sendRequest({ server, method: 'tools/list', params: {} }, () =>
      Promise.resolve({ ok: false, error: { code, message: 'no' } }),
    );
  }
  const counts = (await reader.text()).split('\n').filter((line) => line.includes('_count{'));
  expect(counts).toHaveLength(3);
  expect(counts.filter((line) => line.includes('error_type="-32601"'))).toHaveLength(1);
  expect(counts.filter((line) => line.includes('error_type="_OTHER"') && line.endsWith(' 3000'))).toHaveLength(1);
});
