import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createUpstream } from '../../../src/upstream/upstream.ts';
import { answersAs } from '../link/open-fleet.ts';
import { client, serverConfig, silent, textOf } from '../support.ts';

interface Message {
  id?: string | number;
  method?: string;
  params: { arguments: { name: string } };
  result?: { from: string };
}

/**
 * A legacy server over HTTP that drops the stream of every call at once. When it is taken up again it asks `who <name>`, and answers
 * the call with what it was answered. Both calls are open before the first stream is taken up.
 */
async function startDropping(calls: number): Promise<string> {
  const open = new Map<string, { id: string | number; name: string; stream?: ServerResponse }>();
  const results: Record<string, object> = {
    initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } },
    'tools/list': { tools: [{ name: 'who', inputSchema: {} }] },
  };
  const event = (message: object): string => `data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`;

  const post = (message: Message, response: ServerResponse): void => {
    const { id, method, params, result } = message;
    const answered = method === undefined ? open.get(String(id)) : undefined;
    if (answered !== undefined) {
      const content = [{ type: 'text', text: result?.from }];
      answered.stream?.end(event({ id: answered.id, result: { content } }));
    }
    if (id === undefined || method === undefined) return void response.writeHead(202).end();
    if (method === 'tools/call') {
      const { name } = params.arguments;
      open.set(name, { id, name });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.end(`retry: 50\nid: ${name}\ndata: \n\n`);
    }
    const answer = results[method];
    const body = answer === undefined ? { error: { code: -32601, message: 'no' } } : { result: answer };
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
  };
  const resume = (name: string, response: ServerResponse): void => {
    const call = open.get(name);
    if (call === undefined || open.size < calls) return void response.writeHead(503).end();
    call.stream = response;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(event({ id: name, method: 'elicitation/create', params: { message: `who ${name}` } }));
  };
  const server = createServer((request: IncomingMessage, response) => {
    const last = request.headers['last-event-id'];
    if (request.method === 'GET')
      return typeof last === 'string' ? resume(last, response) : response.writeHead(405).end();
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    return request.on('end', () => post(JSON.parse(text), response));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return `http://127.0.0.1:${address.port}/`;
}

test('a question in a stream that broke and was taken up again still reaches the client whose call it belongs to', async () => {
  const names = ['a', 'b', 'c'];
  const url = await startDropping(names.length);
  const upstream = createUpstream({ server: serverConfig({ type: 'http', url, headers: {} }), logger: silent });
  onTestFinished(() => upstream.close());
  upstream.start();
  const answers = await Promise.all(
    names.map((name) =>
      upstream.call('who', { arguments: { name } }, { owner: { client: client(name) }, ask: answersAs(name) }),
    ),
  );
  expect(answers.map((answer) => textOf(answer))).toEqual(names);
});
