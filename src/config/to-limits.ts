import type { z } from 'zod';
import type { Limits } from '../core/limits.ts';
import type { limitsSchema } from './schema/limits-schema.ts';

/** The normal form of the key `limits`. */
export function toLimits({ sessionIdle, ...written }: z.output<typeof limitsSchema>): Limits {
  return { ...written, sessionIdleMs: sessionIdle };
}
