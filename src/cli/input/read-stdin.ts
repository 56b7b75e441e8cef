import type { CliContext } from '../context.ts';
import { interruptedFailure, usageFailure } from '../failure.ts';

/** All of stdin as text. Throws where a person sits there, since nothing would come, and when the command is stopped. */
export async function readStdin({ io, stop }: CliContext): Promise<string> {
  if (io.stdin.isTTY === true) throw usageFailure('stdin is a terminal', 'name a file, or pipe the text in');
  if (stop.aborted) throw interruptedFailure();
  const chunks: Buffer[] = [];
  const bytes: AsyncIterable<Uint8Array | string> = io.stdin;
  const abort = (): void => void io.stdin.destroy();
  stop.addEventListener('abort', abort, { once: true });
  try {
    for await (const chunk of bytes) chunks.push(Buffer.from(chunk));
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    stop.removeEventListener('abort', abort);
  }
  if (stop.aborted) throw interruptedFailure();
  return Buffer.concat(chunks).toString('utf8');
}
