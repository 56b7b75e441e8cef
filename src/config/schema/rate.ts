import { z } from 'zod';
import type { Rate } from '../../core/clock.ts';
import { expects } from './fields.ts';

/** How often something may happen, as written: `5/s`, `80/min`, `1000/h`. */
export function rate(): z.ZodType<Rate, string> {
  return z
    .string(expectation)
    .regex(/^[1-9]\d{0,5}\/(?:s|min|h)$/, expectation)
    .transform(toRate);
}

const expectation = expects({ noun: 'a rate', mend: 'write 5/s, 80/min or 1000/h' });

function toRate(written: string): Rate {
  const [calls, unit] = written.split('/');
  const perMs = unit === 's' ? 1000 : unit === 'min' ? 60_000 : 3_600_000;
  return { calls: Number(calls), perMs };
}
