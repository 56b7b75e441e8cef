import type { z } from 'zod';
import type { BatchConfig } from './config.ts';
import type { batchSchema } from './schema/config-schema.ts';

/** The normal form of the key `batch`. */
export function toBatch({ deadline, background, ...limits }: z.output<typeof batchSchema>): BatchConfig {
  return { ...limits, deadlineMs: deadline, backgroundMs: background === 'none' ? 0 : background };
}
