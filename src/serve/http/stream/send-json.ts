import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Answers with one line of JSON and nothing else. */
export function sendJson(
  response: ServerResponse,
  line: string,
  { status = 200, headers }: { status?: number; headers?: OutgoingHttpHeaders } = {},
): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(line),
    ...headers,
  });
  response.end(line);
}
