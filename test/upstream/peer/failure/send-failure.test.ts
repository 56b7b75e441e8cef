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
