import { describe, expect, test } from 'vitest';
import { explainSendFailure } from '../../../../src/upstream/peer/failure/send-failure.ts';

/** What `fetch` throws when the system reports this. */
function failed(cause: { code: string; syscall?: string }): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(`${cause.syscall} ${cause.code}`), cause) });
}

describe('a request that could not be delivered', () => {
  test.each([
    { code: 'EHOSTUNREACH', syscall: 'connect' },
    { code: 'ENETUNREACH', syscall: 'connect' },
    { code: 'ECONNREFUSED', syscall: 'connect' },
    { code: 'ENOTFOUND', syscall: 'getaddrinfo' },
    { code: 'EAI_AGAIN', syscall: 'getaddrinfo' },
    { code: 'UND_ERR_CONNECT_TIMEOUT' },
  ])('went nowhere where no connection was made (%j): it may be sent again', (cause) => {
    expect(explainSendFailure(failed(cause))).toEqual({
      sent: false,
      endsConnection: true,
      reason: `it cannot be reached (${cause.code}); check "url" and that it runs`,
      fault: 'transport',
    });
  });

  test.each([
    { code: 'EHOSTUNREACH', syscall: 'read' },
    { code: 'EHOSTUNREACH', syscall: 'write' },
    { code: 'ENETUNREACH', syscall: 'read' },
    { code: 'ECONNRESET', syscall: 'read' },
  ])('may have arrived where a connection stood and broke (%j): it counts as sent', (cause) => {
    expect(explainSendFailure(failed(cause))).toMatchObject({
      sent: true,
      reason: `the connection broke (${cause.code})`,
      fault: 'transport',
    });
  });
});

test.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'EPROTO'])(
  'a certificate that is refused (%s) is named, and nothing counts as sent',
  (code) => {
    expect(explainSendFailure(failed({ code }))).toMatchObject({
      sent: false,
      endsConnection: true,
      fault: 'transport',
      reason: expect.stringMatching(new RegExp(`no secure connection.*${code}.*NODE_EXTRA_CA_CERTS`)),
    });
  },
);

test('a port that belongs to another protocol is named as the mistake, and nothing is tried again', async () => {
  const error = await fetch('http://127.0.0.1:9/mcp').catch((thrown: unknown) => thrown);
  expect(explainSendFailure(error)).toEqual({
    sent: false,
    endsConnection: true,
    reason: expect.stringMatching(/^its port .* another protocol.*; check "url"$/),
  });
});

test.each([
  ['over SSE', new Error('Error POSTing to endpoint (HTTP 500): <html>secret</html>'), { status: 500 }],
  ['no JSON', new SyntaxError('Unexpected token < in "<html>secret"'), { isMalformed: true }],
])('what a parser or a transport quotes of an answer is not shown (%s)', (_, error, expected) => {
  const failure = explainSendFailure(error);
  expect(failure).toMatchObject({ sent: true, ...expected });
  expect(JSON.stringify(failure)).not.toContain('secret');
});
