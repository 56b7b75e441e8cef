import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createBoundedFetch } from '../../../src/upstream/transport/http/bounded-fetch.ts';

const megabyte = 'x'.repeat(1024 * 1024);

/** The URL of a server that answers once in the given way. */
async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return `http://127.0.0.1:${address.port}/`;
}

const onOversized = () => vi.fn<(body: string | undefined) => void>();
const flood = (type: string, separator: string) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': type });
  const write = (): void => {
    while (!response.destroyed && response.write(`data: ${megabyte}${separator}`));
  };
  response.on('drain', write);
  write();
};

test.each([
  ['a body without an end', 'application/json', ''],
  ['an event without an end', 'text/event-stream', '\n'],
])('%s is given up with the limit named, and whoever sent the request is told', async (_, type, separator) => {
  const told = onOversized();
  const response = await createBoundedFetch(told)(await serve(flood(type, separator)), {
    method: 'POST',
    body: 'mine',
  });
  const read = async (): Promise<void> => {
    for await (const _ of response.body!);
  };
  await expect(read()).rejects.toThrow('over the limit of 64 MiB');
  expect(told.mock.calls).toEqual([['mine']]);
});

test('a stream of many events may be as long as it wants', async () => {
  const told = onOversized();
  const response = await createBoundedFetch(told)(await serve(flood('text/event-stream', '\n\n')));
  let bytes = 0;
  for await (const chunk of response.body!) {
    bytes += chunk.length;
    if (bytes > 80 * 1024 * 1024) break;
  }
  expect(told).not.toHaveBeenCalled();
});

test('what is short comes as it is, with its status and headers', async () => {
  const url = await serve((response) => response.writeHead(404, { 'x-own': 'kept' }).end('no'));
  const response = await createBoundedFetch(onOversized())(url);
  expect([response.status, response.headers.get('x-own'), await response.text()]).toEqual([404, 'kept', 'no']);
});
