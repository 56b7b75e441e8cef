import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession, send, sendRaw, startListener, type StubListener } from './support.ts';

let stub: StubListener;
let session: Record<string, string>;
const ping = { jsonrpc: '2.0', id: 7, method: 'echo' };

beforeAll(async () => {
  stub = await startListener({ limits: { maxBodyBytes: 5000 } });
  session = await openSession(stub.port);
});
afterAll(() => stub.close());

const post = (headers: Record<string, string | string[]>, body: unknown = ping): ReturnType<typeof send> =>
  send(stub.port, { headers: { ...session, ...headers }, body });

/** Every refusal is a JSON-RPC error, so that clients need no second way to read one. */
function errorOf({ status, json, headers }: Awaited<ReturnType<typeof send>>): object {
  expect(headers['content-type']).toBe('application/json');
  expect(json.jsonrpc).toBe('2.0');
  return { status, code: json.error.code, message: json.error.message, id: json.id };
}

describe('where a request comes from', () => {
  test.each(['localhost', 'localhost:1234', '127.0.0.1:80', '[::1]:9'])(
    'is this machine under the name %s',
    async (host) => {
      expect((await post({ host })).status).toBe(200);
    },
  );

  test.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'user@evil.example',
    '10.0.0.1',
    '0.0.0.0',
    '///',
  ])('is not this machine under the name %s: 403', async (host) => {
    expect(errorOf(await post({ host }))).toMatchObject({ status: 403, code: -32000, id: null });
  });

  test.each([
    ['two hosts', 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n'],
    ['no host, in HTTP/1.0', 'POST /mcp HTTP/1.0\r\n'],
    ['a host in its target that is not this machine', 'POST http://evil.example/mcp HTTP/1.1\r\nHost: localhost\r\n'],
  ])('is refused with %s', async (_what, head) => {
    expect(await sendRaw(stub.port, `${head}Content-Length: 0\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 403 /,
    );
  });

  test('is this machine where the target itself names it, as clients behind a proxy write', async () => {
    const head = `GET http://localhost:${stub.port}/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    expect(await sendRaw(stub.port, head)).toMatch(/^HTTP\/1.1 200 /);
  });

  test.each(['http://localhost:3000', 'http://127.0.0.1', 'https://[::1]:8443'])(
    'may be a page at %s',
    async (origin) => {
      expect((await post({ origin })).status).toBe(200);
    },
  );

  test.each([
    'null',
    'http://evil.example',
    'http://localhost.evil.example',
    'file://',
    'localhost',
    'http://localhost, http://localhost',
  ])('is refused with the origin %s: 403', async (origin) => {
    expect(errorOf(await post({ origin }))).toMatchObject({ status: 403, code: -32000, id: null });
  });

  test('is refused with two origins, though both be of this machine: 403', async () => {
    expect((await post({ origin: ['http://localhost', 'http://localhost'] })).status).toBe(403);
  });

  test('is not learnt from headers that anybody can write', async () => {
    const forged = { 'x-forwarded-host': 'localhost', forwarded: 'host=localhost', 'x-forwarded-for': '127.0.0.1' };
    expect((await post({ ...forged, host: 'evil.example' })).status).toBe(403);
    const other = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example', 'x-forwarded-proto': 'https' };
    expect((await post(other)).status).toBe(200);
  });
});

describe('paths and methods', () => {
  test.each(['/', '/mcp/', '/mcp2', '/MCP', '/%6dcp', '/sse', '/healthz/x', '//mcp'])(
    'there is nothing at %s: 404',
    async (path) => {
      expect(errorOf(await send(stub.port, { path, headers: session, body: ping }))).toMatchObject({
        status: 404,
        id: null,
      });
    },
  );

  test('a query is ignored, and a token in it as well', async () => {
    const request = { path: '/mcp?token=secret&session=other', headers: session, body: ping };
    expect((await send(stub.port, request)).status).toBe(200);
    expect(JSON.stringify(stub.logs)).not.toContain('secret');
  });

  test.each(['PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'])(
    '%s is no method of the endpoint: 405 with those that are',
    async (method) => {
      const { status, headers } = await send(stub.port, { method, headers: session });
      expect({ status, allow: headers['allow'] }).toEqual({ status: 405, allow: 'GET, POST, DELETE' });
    },
  );

  test.each(['GET', 'DELETE'])('%s without a session is none either: 405', async (method) => {
    const answer = await send(stub.port, { method });
    expect(errorOf(answer)).toMatchObject({ status: 405, code: -32000, id: null });
    expect(answer.headers['allow']).toBe('POST');
  });

  test.each(['GET', 'DELETE'])('%s of a modern client is none, with a session or without: 405', async (method) => {
    const headers = { ...session, 'mcp-protocol-version': '2026-07-28' };
    expect((await send(stub.port, { method, headers })).headers['allow']).toBe('POST');
  });

  test('what a supervisor asks is answered to GET and HEAD alone', async () => {
    const { status, headers } = await send(stub.port, { method: 'POST', path: '/healthz', body: {} });
    expect({ status, allow: headers['allow'] }).toEqual({ status: 405, allow: 'GET, HEAD' });
    expect((await send(stub.port, { method: 'HEAD', path: '/healthz' })).status).toBe(200);
  });
});

describe('bodies', () => {
  test.each([
    'text/plain',
    'application/jsonl',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/json5',
    '',
  ])('of the type "%s" are not taken: 415', async (type) => {
    expect(errorOf(await post({ 'content-type': type }))).toMatchObject({ status: 415, code: -32000, id: null });
  });

  test.each(['application/json; charset=utf-8', 'Application/JSON'])('of the type "%s" are taken', async (type) => {
    expect((await post({ 'content-type': type })).status).toBe(200);
  });

  test.each(['gzip', 'br', 'deflate, gzip'])('compressed with %s are not taken: 415', async (encoding) => {
    expect((await post({ 'content-encoding': encoding })).status).toBe(415);
  });

  test('over the limit are refused by what they say of their length, before a byte of them is read: 413', async () => {
    const head = ['POST /mcp HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', 'Content-Length: 5001'];
    const timers = stub.clock.timers();
    const answer = sendRaw(stub.port, `${head.join('\r\n')}\r\n\r\n`);
    // The connection stays open for the body that was announced, but not for long.
    await expect.poll(() => stub.clock.timers()).toBe(timers + 1);
    await stub.clock.pass(2000);
    expect(await answer).toMatch(/^HTTP\/1.1 413 .*-32000/s);
  });

  test('over the limit are refused while they are read, where they say nothing of their length: 413', async () => {
    const answer = await post(
      { 'transfer-encoding': 'chunked' },
      JSON.stringify({ ...ping, params: { x: 'x'.repeat(6000) } }),
    );
    expect(errorOf(answer)).toMatchObject({ status: 413, code: -32000, id: null });
  });

  test('at the limit are taken', async () => {
    const empty = JSON.stringify({ ...ping, params: { x: '' } });
    const body = JSON.stringify({ ...ping, params: { x: 'x'.repeat(5000 - empty.length) } });
    expect((await post({}, body)).status).toBe(200);
  });

  test('that are held back until they are asked for are asked for, or refused at once', async () => {
    const head = (length: number): string =>
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
    expect(await sendRaw(stub.port, head(5001))).toMatch(/^HTTP\/1.1 413 /);
    expect(await sendRaw(stub.port, `${head(2)}{}`, { half: true })).toMatch(
      /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 400 /,
    );
  });

  test.each([
    ['empty', '', -32700],
    ['no JSON', '{"jsonrpc":', -32700],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), -32700],
    ['UTF-16', Buffer.from('{"jsonrpc":"2.0"}', 'utf16le'), -32700],
    ['two values', '{}{}', -32700],
    ['a text', '"hello"', -32600],
    ['null', 'null', -32600],
    ['an empty object', '{}', -32600],
    ['an empty batch', '[]', -32600],
    ['a batch with what is no message', '[1]', -32600],
    ['another version of JSON-RPC', '{"jsonrpc":"1.0","id":1,"method":"echo"}', -32600],
    ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"echo"}', -32600],
    ['an id that is a fraction', '{"jsonrpc":"2.0","id":1.5,"method":"echo"}', -32600],
    ['params that are a list', '{"jsonrpc":"2.0","id":1,"method":"echo","params":[1]}', -32600],
    ['a key twice', '{"jsonrpc":"2.0","id":1,"method":"echo","method":"other"}', -32600],
    ['a key twice, written differently', '{"jsonrpc":"2.0","id":1,"method":"echo","\\u006dethod":"other"}', -32600],
    [
      'a key twice among the params',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","name":"b"}}',
      -32600,
    ],
    ['a key twice in _meta', '{"jsonrpc":"2.0","id":1,"method":"echo","params":{"_meta":{"a":1,"a":1}}}', -32600],
    [
      'an argument twice',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"p":1,"p":2}}}',
      -32600,
    ],
    ['501 levels', `${'['.repeat(501)}${']'.repeat(501)}`, -32600],
    ['4,000 levels', '['.repeat(4000), -32600],
  ])('that are %s are refused: 400', async (_what, body, code) => {
    const before = stub.sessions[0]?.received.length;
    expect(errorOf(await post({ 'content-length': String(Buffer.byteLength(body)) }, body))).toMatchObject({
      status: 400,
      code,
    });
    expect(stub.sessions[0]?.received.length).toBe(before);
  });

  test('may begin with a byte order mark', async () => {
    expect((await post({}, `\uFEFF${JSON.stringify(ping)}`)).status).toBe(200);
  });

  test('are refused with the id of their request, where it is known', async () => {
    const batch = {
      jsonrpc: '2.0',
      id: 'mine',
      method: 'tools/list',
      params: { _meta: { 'io.modelcontextprotocol/protocolVersion': 5 } },
    };
    expect(errorOf(await post({ 'mcp-protocol-version': '2026-07-28' }, batch))).toMatchObject({
      status: 400,
      id: 'mine',
    });
  });
});

test('revisions from the future are refused with those that we speak: 400', async () => {
  const answer = errorOf(await post({ 'mcp-protocol-version': '2026-01-01' }));
  expect(answer).toMatchObject({ status: 400, code: -32000, id: 7 });
  expect(JSON.stringify(answer)).toContain('2025-11-25');
});

describe('more bodies at once than there is room for', () => {
  const body = JSON.stringify({ ...ping, params: { x: 'x'.repeat(100_000) } });
  const head =
    'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n';

  test('are refused, and told to come back: 503', async () => {
    const tight = await startListener({ limits: { maxTotalBodyBytes: 120_000 } });
    const headers = await openSession(tight.port);
    const slow = sendRaw(tight.port, `${head}${' '.repeat(80_000)}`);
    await expect.poll(async () => (await send(tight.port, { headers, body })).status).toBe(503);
    expect((await send(tight.port, { headers, body })).headers['retry-after']).toBe('1');
    await tight.close();
    await slow;
  });

  test('are not counted any more when they have come, were refused, or their client has gone in the middle', async () => {
    const tight = await startListener({ limits: { maxTotalBodyBytes: 120_000, maxBodyBytes: 108_000 } });
    const headers = await openSession(tight.port);
    for (let i = 0; i < 3; i++) {
      await sendRaw(tight.port, `${head}${' '.repeat(80_000)}`, { half: true });
      const tooLong = { headers: { ...headers, 'transfer-encoding': 'chunked' }, body: `${body}${' '.repeat(80_000)}` };
      expect((await send(tight.port, tooLong)).status).toBe(413);
      expect((await send(tight.port, { headers, body })).status).toBe(200);
    }
    await tight.close();
  });
});
