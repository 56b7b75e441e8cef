import type { z } from 'zod';
import type { JournalConfig } from './config.ts';
import type { journalSchema } from './schema/config-schema.ts';

const dayMs = 24 * 3_600_000;

/** The normal form of the key `journal`. `resolve` makes a path absolute. */
export function toJournal(
  { file, keepDays, ...written }: z.output<typeof journalSchema>,
  resolve: (file: string) => string,
): JournalConfig {
  return { ...written, keepMs: keepDays * dayMs, ...(file !== undefined && { file: resolve(file) }) };
}
