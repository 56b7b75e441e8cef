import { MetricReader } from '@opentelemetry/sdk-metrics';
import { renderMetrics } from './render-metrics.ts';

/** Reads metrics when somebody asks for them, as they stand since the start. */
export class ScrapeReader extends MetricReader {
  async text(): Promise<string> {
    const { resourceMetrics } = await this.collect();
    return renderMetrics(resourceMetrics);
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}
