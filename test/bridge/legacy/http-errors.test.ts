import { describe, expect, test } from 'vitest';
import { type Arrival } from '../raw-proxy.ts';
import { start, connect } from './support.ts';

describe('errors of HTTP become the answer of the request that met them', () => {
  test.each([
    [
      401,
      undefined,
      { code: -32603, data: { code: 'upstream_error', status: 401, applied: 'no' } },
      /credentials.*HTTP 401/,
    ],
    [
      403,
      undefined,
      { code: -32603, data: { code: 'upstream_error', status: 403, applied: 'no' } },
      /credentials.*HTTP 403/,
    ],
    [
      413,
      undefined,
      { code: -32603, data: { code: 'upstream_error', status: 413, applied: 'no' } },
      /larger.*HTTP 413/,
    ],
    [
      307,
      undefined,
      { code: -32603, data: { code: 'upstream_error', status: 307, applied: 'no' } },
      /redirect.*HTTP 307/,
    ],
    [
      500,
      '<html>a page</html>',
      { code: -32603, data: { code: 'upstream_error', status: 500, applied: 'unknown' } },
      /^[^<]*HTTP 500$/,
    ],
    [
      413,
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"too large"}}',
      { code: -32000, data: { status: 413 } },
      /^HTTP 413: too large$/,
    ],
    [
      400,
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32050,"message":"no","data":[1],"x-own":2}}',
      { code: -32050, message: 'no', data: [1], 'x-own': 2 },
      /^no$/,
    ],
    [404, '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"unknown"}}', { code: -32601 }, /^unknown$/],
  ])('%i with %s', async (status, body, error, words) => {
    const { proxy } = await start({ onRequest: (arrival) => arrival.status(status, body) });
    const client = await connect(proxy);
    const answer = await client.request(1, 'tools/call');
    expect(answer).toMatchObject({ jsonrpc: '2.0', id: 1, error });
    expect(answer).toHaveProperty('error.message', expect.stringMatching(words));
    expect(proxy.of('initialize')).toHaveLength(1);
  });

  test.each<[string, (arrival: Arrival) => void, RegExp]>([
    ['an acceptance', (arrival) => arrival.status(202), /HTTP 202/],
    [
      'a page',
      ({ response }) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      /text\/html/,
    ],
    [
      'broken JSON',
      ({ response }) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"js'),
      /no answer/,
    ],
  ])('%s where an answer was due', async (_, onRequest, words) => {
    const { proxy } = await start({ onRequest });
    const client = await connect(proxy);
    const answer = await client.request(1, 'tools/call');
    expect(answer).toMatchObject({ error: { code: -32603, data: { code: 'upstream_error', applied: 'unknown' } } });
    expect(answer).toHaveProperty('error.message', expect.stringMatching(words));
  });
});
