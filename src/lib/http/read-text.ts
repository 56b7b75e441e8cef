import type { IncomingMessage } from 'node:http';

/** The body as UTF-8; `undefined` if it is longer than `maxBytes`, of which no more is kept. Rejects if the connection breaks. */
export async function readText(response: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
