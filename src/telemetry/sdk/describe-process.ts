import { randomUUID } from 'node:crypto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import { packageVersion } from '../../lib/version.ts';

/** Who tells: what `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say, and our own name where they say nothing. */
export function describeProcess(): Resource {
  const own = resourceFromAttributes({
    'service.name': 'mcp-marshal',
    'service.version': packageVersion(),
    // Several run at once on most machines, one for each client over stdio.
    'service.instance.id': randomUUID(),
  });
  return defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [envDetector] }));
}
