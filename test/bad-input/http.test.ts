import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession, sendRaw, startListener, type StubListener } from '../serve/http/support.ts';

let stub: StubListener;
let session: string;

beforeAll(async () => {
  stub = await startListener({ limits: { maxBodyBytes: 5_000 } });
  session = Object.entries(await openSession(stub.port))
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
});
afterAll(() => stub.close());

const ping = '{"jsonrpc":"2.0","id":7,"method":"echo"}';
const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const modern = JSON.stringify({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name: 'echo', _meta: envelope },
});
const modernHead = 'MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: echo\r\n';

interface Request {
  line?: string;
  host?: string;
  /** Further header lines, each with its line end. */
  head?: string;
  type?: string;
  body?: string;
}

/** The bytes of a request, as nobody's HTTP library would send them. */
function bytesOf({
  line = 'POST /mcp HTTP/1.1',
  host = 'Host: localhost\r\n',
  head = session,
  type = 'application/json',
  body = ping,
}: Request): string {
  const accept = 'Accept: application/json, text/event-stream\r\n';
  const kind = type === '' ? '' : `Content-Type: ${type}\r\n`;
  return `${line}\r\n${host}${accept}${kind}${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}

/** What is wrong, the request, the status, and words that the refusal names it or its mend by. */
type Row = [what: string, request: () => Request, status: number, says: RegExp];

const rows: Row[] = [
  [
    'a wrong Host',
    () => ({ host: 'Host: evil.example\r\n' }),
    403,
    /evil\.example; the names of this machine are localhost/,
  ],
  ['two Hosts', () => ({ host: 'Host: localhost\r\nHost: localhost\r\n' }), 403, /more than one Host header; send one/],
  [
    'no Host',
    () => ({ line: 'POST /mcp HTTP/1.0', host: '' }),
    403,
    /Missing Host header; the names of this machine are/,
  ],
  [
    'an Origin of elsewhere',
    () => ({ head: `${session}Origin: http://evil.example\r\n` }),
    403,
    /Invalid Origin.*; only pages of localhost/,
  ],
  ['the Origin null', () => ({ head: `${session}Origin: null\r\n` }), 403, /Invalid Origin.*; only pages of localhost/],
  [
    'two Origins',
    () => ({ head: `${session}Origin: http://localhost\r\nOrigin: http://localhost\r\n` }),
    403,
    /more than one Origin header; send one/,
  ],
  [
    'forged headers of a proxy',
    () => ({
      host: 'Host: evil.example\r\n',
      head: `${session}X-Forwarded-Host: localhost\r\nForwarded: host=localhost\r\n`,
    }),
    403,
    /evil\.example; the names of this machine are localhost/,
  ],
  ['another path', () => ({ line: 'POST /sse HTTP/1.1' }), 404, /the endpoint is \/mcp/],
  ['the path with a slash', () => ({ line: 'POST /mcp/ HTTP/1.1' }), 404, /the endpoint is \/mcp/],
  ['another method', () => ({ line: 'PUT /mcp HTTP/1.1' }), 405, /\r\nallow: GET, POST, DELETE\r\n/i],
  ['another media type', () => ({ type: 'text/plain' }), 415, /Content-Type must be application\/json/],
  ['no media type', () => ({ type: '' }), 415, /Content-Type must be application\/json/],
  [
    'a compressed body',
    () => ({ head: `${session}Content-Encoding: gzip\r\n` }),
    415,
    /a Content-Encoding is not taken; send it as it is/,
  ],
  [
    'a body over the limit',
    () => ({ body: `"${'x'.repeat(5_000)}"` }),
    413,
    /must not exceed 5000 bytes; send less, or raise limits\.requestBytes/,
  ],
  ['a body that is no JSON', () => ({ body: '{"jsonrpc":' }), 400, /Invalid JSON; send one message as UTF-8/],
  [
    'a body of 501 levels',
    () => ({ body: `${'['.repeat(501)}${']'.repeat(501)}` }),
    400,
    /deeper than 500 levels; make it flatter/,
  ],
  [
    'a key twice',
    () => ({ body: '{"jsonrpc":"2.0","id":1,"method":"echo","method":"x"}' }),
    400,
    /the key \\"method\\" stands twice in one object; keep one/,
  ],
  [
    'an argument twice',
    () => ({ body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"p":1,"p":2}}}' }),
    400,
    /the key \\"p\\" stands twice in one object; keep one/,
  ],
  [
    'a version from the future',
    () => ({ head: modernHead.replace('2026-07-28', '2099-01-01'), body: modern.replace('2026-07-28', '2099-01-01') }),
    400,
    /2099-01-01.*2026-07-28/s,
  ],
  [
    'a version of the body that is not that of the header',
    () => ({ head: modernHead, body: modern.replace('2026-07-28', '2099-01-01') }),
    400,
    /names protocol version 2099-01-01 but the MCP-Protocol-Version header names 2026-07-28/,
  ],
  [
    'a method of the header that is not that of the body',
    () => ({ head: modernHead.replace('tools/call', 'tools/list'), body: modern }),
    400,
    /Mcp-Method/i,
  ],
  [
    'a name of the header that is not that of the body',
    () => ({ head: modernHead.replace('Name: echo', 'Name: other'), body: modern }),
    400,
    /Mcp-Name/i,
  ],
  [
    'a header of the method missing',
    () => ({ head: modernHead.replace('Mcp-Method: tools/call\r\n', ''), body: modern }),
    400,
    /Mcp-Method/i,
  ],
  [
    'a session that nobody opened',
    () => ({ head: 'Mcp-Session-Id: 0\r\nMCP-Protocol-Version: 2025-11-25\r\n' }),
    404,
    /Session not found/,
  ],
  [
    'a first request that opens no session',
    () => ({ head: '' }),
    400,
    /Mcp-Session-Id header is required; begin with initialize/,
  ],
];

describe('a wrong HTTP request is refused with its status, and told what is wrong or what would be right', () => {
  test.each(rows)('%s', async (_, request, status, says) => {
    const answer = await sendRaw(stub.port, bytesOf(request()));
    expect(answer.split('\r\n', 1)[0]).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
    expect(`${head}\r\n${body}`).toMatch(says);
    // A JSON-RPC error in any case, so that clients need no second way to read one, and never a stack trace.
    expect(JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1))).toMatchObject({
      jsonrpc: '2.0',
      error: { code: expect.any(Number), message: expect.stringMatching(/\w{3,}/) },
    });
    expect(body).not.toMatch(/\n\s+at |node:|\.ts:/);
  });

  test('a token in the query is passed over, and stands in no log', async () => {
    const answer = await sendRaw(stub.port, bytesOf({ line: 'POST /mcp?token=s3cret HTTP/1.1' }));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(JSON.stringify(stub.logs)).not.toContain('s3cret');
  });

  test('what is right is answered', async () => {
    expect(await sendRaw(stub.port, bytesOf({}))).toMatch(/^HTTP\/1\.1 200 /);
    expect(await sendRaw(stub.port, bytesOf({ head: modernHead, body: modern }))).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe('who sends slowly is let go', () => {
  const limits = { headersTimeoutMs: 300, requestTimeoutMs: 600 };

  test.each([
    ['a head that does not end', 'POST /mcp HTTP/1.1\r\nHost: localhost\r\n'],
    [
      'a body that does not come',
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
    ],
  ])('%s: 408, and the connection is closed', async (_, bytes) => {
    const slow = await startListener({ limits });
    const startedMs = performance.now();
    expect(await sendRaw(slow.port, bytes)).toMatch(/^HTTP\/1\.1 408 /);
    // Node looks once a second.
    expect(performance.now() - startedMs).toBeLessThan(4_000);
    await slow.close();
  });

  test('a head of 100 kB: 431, and the connection is closed', async () => {
    expect(await sendRaw(stub.port, bytesOf({ head: `X-Long: ${'x'.repeat(100_000)}\r\n` }))).toMatch(
      /^HTTP\/1\.1 431 /,
    );
  });
});
