import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { revokeToken } from '../../../../src/access/tokens/revoke-token.ts';
import { badJwts } from '../../../access/bad-jwts.ts';
import { audience, issuedS, startIssuer, type LocalIssuer } from '../../../access/local-issuer.ts';
import { send, type Send } from '../support.ts';
import { startGuarded, type GuardedListener } from './support.ts';

let issuer: LocalIssuer;
let elsewhere: LocalIssuer;
let guarded: GuardedListener;
let good: string;
const bad = new Map<string, Pick<Send, 'headers' | 'path'>>();

beforeAll(async () => {
  issuer = await startIssuer();
  elsewhere = await startIssuer();
  const jwt = { issuer: issuer.url, audience, scopesClaim: 'scope' };
  guarded = await startGuarded({ auth: { jwt }, now: () => issuedS * 1000 });
  ({ authorization: good } = await guarded.token('good'));
  const token = good.slice('Bearer '.length);
  const revoked = (await guarded.token('revoked')).authorization;
  await revokeToken(guarded.stateDir, { name: 'revoked', nowMs: Date.now() });
  const expired = (await guarded.token('expired', { expiresMs: issuedS * 1000 - 1 })).authorization;
  const headers: Record<string, string | string[]> = {
    'a token that was revoked': revoked,
    'a token that has run out': expired,
    'a token that never was': `Bearer mmt_${'A'.repeat(43)}`,
    'the beginning of a token': good.slice(0, -1),
    'a token and more': `${good}A`,
    'a token in another letter case': `Bearer mmt_${token.slice(4).toLowerCase().toUpperCase()}`,
    'a token without its prefix': `Bearer ${token.slice(4)}`,
    'a token of another kind': 'Bearer ghp_0123456789',
    'no token': 'Bearer ',
    'a token as a password': `Basic ${Buffer.from(`good:${token}`).toString('base64')}`,
    'a token without a scheme': token,
    'two tokens in one header': `${good}, ${good}`,
    'two headers, each with the token': [good, good],
    'a token after a tab': `Bearer\t${token}`,
    'bytes that are no letters': 'Bearer \u00ff\u00fe',
  };
  for (const [what, authorization] of Object.entries(headers)) bad.set(what, { headers: { authorization } });
  for (const [what, jws] of Object.entries(await badJwts(issuer, elsewhere.url))) {
    bad.set(`a JWT: ${what}`, { headers: { authorization: `Bearer ${jws}` } });
  }
});
afterAll(() => Promise.all([guarded.close(), issuer.close(), elsewhere.close()]));

const ping = { jsonrpc: '2.0', id: 7, method: 'initialize', params: { protocolVersion: '2025-11-25' } };

describe('[scopes] what is shown in place of a good token', () => {
  test('is refused, whatever it is, with the same status, headers, words and pace; no host is called for it', async () => {
    expect(bad.size).toBeGreaterThan(45);
    // So that reading the keys of the issuer is behind us.
    expect(
      (await send(guarded.port, { headers: { authorization: `Bearer ${await issuer.sign()}` }, body: ping })).status,
    ).toBe(200);
    const opened = guarded.sessions.length;
    const answers: Record<string, object> = {};
    const tookMs: number[] = [];
    for (const [what, shown] of bad) {
      const beganMs = performance.now();
      const { status, text, headers } = await send(guarded.port, { ...shown, body: ping });
      tookMs.push(performance.now() - beganMs);
      answers[what] = { status, text, challenge: headers['www-authenticate'], length: headers['content-length'] };
    }
    const expected = {
      status: 401,
      text: `${JSON.stringify({
        jsonrpc: '2.0',
        error: {
          code: -32000,
          message: 'Unauthorized: send the header Authorization: Bearer TOKEN, with a token that is accepted here',
        },
        id: null,
      })}\n`,
      challenge: `Bearer resource_metadata="http://127.0.0.1:${guarded.port}/.well-known/oauth-protected-resource/mcp", error="invalid_token"`,
    };
    for (const [what, answer] of Object.entries(answers))
      expect({ what, ...answer }).toMatchObject({ what, ...expected });
    // All at the first point of the grid: what the checks took, a signature among them, is not to be seen.
    expect(Math.min(...tookMs)).toBeGreaterThan(99);
    expect(lowerQuartile(tookMs)).toBeLessThan(130);
    expect(guarded.sessions.length).toBe(opened);
    expect(elsewhere.asked).toEqual([]);
    expect(issuer.asked).toEqual(['/.well-known/oauth-authorization-server', '/keys']);
  });

  test('says nothing by its time: what is cheap to refuse takes as long as what is not', async () => {
    const kinds = ['a token that never was', 'a JWT: claims that were changed', 'a token that has run out', 'no token'];
    // The best of three tries: what is the program's own to tell is told in each of them.
    let apartMs = Number.POSITIVE_INFINITY;
    for (let attempt = 1; attempt <= 3 && apartMs >= 10; attempt++) {
      const took = new Map(kinds.map((kind) => [kind, [] as number[]]));
      // Side by side, so that what else the machine does meets all of them alike.
      for (let round = 0; round < 25; round++) {
        const measure = async (kind: string): Promise<void> => {
          const beganMs = performance.now();
          await send(guarded.port, { ...bad.get(kind), body: ping });
          took.get(kind)!.push(performance.now() - beganMs);
        };
        await Promise.all(kinds.map(measure));
      }
      const usual = [...took.values()].map(lowerQuartile);
      apartMs = Math.min(apartMs, Math.max(...usual) - Math.min(...usual));
    }
    expect(apartMs).toBeLessThan(10);
  });

  test.each(['GET', 'DELETE', 'POST'])('is refused for %s alike, with a session or without', async (method) => {
    const { authorization } = await guarded.token(`opener-${method.toLowerCase()}`);
    const { headers } = await send(guarded.port, { headers: { authorization }, body: ping });
    const answers = await Promise.all(
      [String(headers['mcp-session-id']), 'unknown', undefined].map((id) =>
        send(guarded.port, { method, headers: id === undefined ? {} : { 'mcp-session-id': id } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test('is not the token in the address, nor in the body', async () => {
    const token = good.slice('Bearer '.length);
    const request = { path: `/mcp?access_token=${token}&token=${token}`, body: { ...ping, access_token: token } };
    const { status, headers } = await send(guarded.port, request);
    expect(status).toBe(401);
    // Nothing was shown, so nothing was wrong with it (RFC 6750, 3.1).
    expect(headers['www-authenticate']).not.toContain('error');
    expect(JSON.stringify(guarded.logs)).not.toContain(token);
  });
});

test('a body is not asked for before it is known whose it is', async () => {
  const socket = connect(guarded.port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 30000000\r\nExpect: 100-continue\r\n\r\n`;
  socket.write(head);
  await once(socket, 'data');
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  socket.destroy();
});

/** What it takes on a machine that is not busy with something else. */
function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 4)]!;
}
