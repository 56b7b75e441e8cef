import type { CliContext } from './context.ts';
import type { Output } from './io.ts';
import { plainText } from './terminal/plain-text.ts';

/** Writes lines of data to stdout. */
export function print(context: CliContext, lines: readonly string[]): void {
  if (lines.length > 0) context.io.stdout.write(`${lines.join('\n')}\n`);
}

/** Writes the one object that `--json` promises. */
export function printJson(context: CliContext, data: unknown): void {
  context.io.stdout.write(`${JSON.stringify({ version: 1, data })}\n`);
}

/** Writes lines for people to stderr; what came from elsewhere in them cannot steer their terminal. */
export function tell(context: CliContext, lines: readonly string[]): void {
  for (const line of lines) context.io.stderr.write(`${plainText(line)}\n`);
}

/** Resolves when all that was written has left this process, or nobody reads it any more. */
export function drained(output: Output): Promise<void> {
  if (output.destroyed || output.writableEnded) return Promise.resolve();
  return new Promise((resolve) => {
    output.once('close', resolve);
    output.once('error', () => resolve());
    output.write('', () => resolve());
  });
}
