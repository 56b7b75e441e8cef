import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** Prometheus, text format. */
export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Metrics as Prometheus reads them. Names come of ours by the rules of OpenTelemetry (Prometheus and OpenMetrics compatibility): dots
 * become underscores, the unit and `_total` are written out.
 */
export function renderMetrics({ resource, scopeMetrics }: ResourceMetrics): string {
  const target = line('target_info', { labels: resource.attributes, value: 1 });
  const head = ['# HELP target_info Who tells.', '# TYPE target_info gauge', target];
  const families = scopeMetrics.flatMap(({ metrics }) => metrics).filter(({ dataPoints }) => dataPoints.length > 0);
  return `${[...head, ...families.flatMap(renderFamily)].join('\n')}\n`;
}

function renderFamily(metric: MetricData): string[] {
  const { name: ownName, unit, description } = metric.descriptor;
  const isCounter = metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
  const name = `${toName(ownName)}${unit === 's' ? '_seconds' : ''}${isCounter ? '_total' : ''}`;
  const type = isCounter ? 'counter' : metric.dataPointType === DataPointType.HISTOGRAM ? 'histogram' : 'gauge';
  return [
    ...(description === '' ? [] : [`# HELP ${name} ${description.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`]),
    `# TYPE ${name} ${type}`,
    ...renderPoints(metric, name),
  ];
}

function renderPoints(metric: MetricData, name: string): string[] {
  // None of ours is of this kind.
  if (metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM) return [];
  if (metric.dataPointType !== DataPointType.HISTOGRAM) {
    return metric.dataPoints.map(({ attributes: labels, value }) => line(name, { labels, value }));
  }
  return metric.dataPoints.flatMap(({ attributes: labels, value: { buckets, count, sum } }) => {
    let below = 0;
    // One count more than there are boundaries: what lies above the last.
    const lines = buckets.counts.map((inBucket, index) => {
      below += inBucket;
      const le = toValue(buckets.boundaries[index] ?? Number.POSITIVE_INFINITY);
      return line(`${name}_bucket`, { labels: { ...labels, le }, value: below });
    });
    return [
      ...lines,
      line(`${name}_sum`, { labels, value: sum ?? 0 }),
      line(`${name}_count`, { labels, value: count }),
    ];
  });
}

function line(name: string, { labels, value }: { labels: Readonly<Record<string, unknown>>; value: number }): string {
  // Attributes such as `a.b` and `a_b` are one label: written twice, Prometheus would refuse all that we show.
  const named = new Map<string, string[]>();
  for (const [key, label] of Object.entries(labels)) {
    named.set(toName(key), [...(named.get(toName(key)) ?? []), String(label)]);
  }
  const written = [...named].map(([key, values]) => `${key}="${escape(values.join(';'))}"`);
  return `${name}${written.length > 0 ? `{${written.join(',')}}` : ''} ${toValue(value)}`;
}

function toName(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}

function toValue(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

function escape(text: string): string {
  // Prometheus refuses a whole page for one NUL.
  return text.replaceAll('\0', '\ufffd').replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
