import { mapping } from './fields.ts';
import { listenAddress } from './listen-address.ts';

/** The key `telemetry`, as written. */
export const telemetrySchema = mapping(
  {
    metrics: listenAddress()
      .optional()
      .describe('Where Prometheus finds metrics, at /metrics: [HOST:]PORT; the host is 127.0.0.1 unless told.'),
  },
  '{ metrics: 9464 }',
);
