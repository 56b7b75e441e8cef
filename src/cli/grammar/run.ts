import type { CliContext } from '../context.ts';

/** Runs one command; its number is the exit code. */
export type Run = (
  options: { config?: string; json?: boolean; timeout?: number },
  command: (context: CliContext) => Promise<number> | number,
) => Promise<void>;
