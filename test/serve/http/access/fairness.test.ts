import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createToken } from '../../../../src/access/tokens/create-token.ts';
import { revokeToken } from '../../../../src/access/tokens/revoke-token.ts';
import { open, send } from '../support.ts';
import { startGuarded, type GuardedListener } from './support.ts';

let guarded: GuardedListener;
afterEach(() => guarded.close());

const echo = { jsonrpc: '2.0', id: 7, method: 'echo' };

async function openSession(shown: object): Promise<{ status: number; headers: Record<string, string> }> {
  const body = { jsonrpc: '2.0', id: 'open', method: 'initialize', params: { protocolVersion: '2025-11-25' } };
  const { headers, status } = await send(guarded.port, { headers: { ...shown }, body });
  const own = { 'mcp-session-id': String(headers['mcp-session-id']), 'mcp-protocol-version': '2025-11-25' };
  return { status, headers: { ...shown, ...own } };
}

/** As many requests as one connection may send ahead. */
function flood(token: (index: number) => string): () => void {
  const socket = connect(guarded.port, '127.0.0.1').on('error', () => {});
  for (let i = 0; i < 100; i++) {
    const head = ['POST /mcp HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', 'Content-Length: 2'];
    socket.write(`${[...head, `Authorization: Bearer ${token(i)}`].join('\r\n')}\r\n\r\n{}`);
  }
  return () => void socket.destroy();
}

test('a session that went on with a renewed token ends when that one is taken back', async () => {
  let nowMs = Date.now();
  guarded = await startGuarded({ now: () => nowMs });
  const first = await openSession(await guarded.token('ann', { expiresMs: nowMs + 60_000 }));
  nowMs += 61_000;
  // The watch has seen by then that the first one has run out.
  await new Promise((resolve) => setTimeout(resolve, 2300));
  const made = await createToken(guarded.stateDir, { name: 'ann', scopes: ['read'], createdMs: nowMs });
  const renewed = { ...first.headers, authorization: `Bearer ${made.ok ? made.token : ''}` };
  expect((await send(guarded.port, { headers: renewed, body: echo })).status).toBe(200);
  await revokeToken(guarded.stateDir, { name: 'ann', nowMs: Date.now() });
  await expect.poll(() => guarded.sessions[0]!.isClosed, { timeout: 5000 }).toBe(true);
}, 15_000);

test('who holds half of all sessions, each with a stream, gets no more; another one does', async () => {
  guarded = await startGuarded({ limits: { maxSessions: 10, maxRequests: 100 } });
  const [ann, bob] = [await guarded.token('ann'), await guarded.token('bob')];
  const streams = [];
  for (let i = 0; i < 5; i++) {
    const { headers } = await openSession(ann);
    streams.push(await open(guarded.port, { method: 'GET', headers }));
  }
  expect((await openSession(ann)).status).toBe(503);
  expect((await openSession(bob)).status).toBe(200);
  for (const { leave } of streams) leave();
});

test('an issuer that does not answer lets no stranger hold all requests with keys that nobody knows', async () => {
  const issuer = createServer(() => {}).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  const address = issuer.address();
  const at = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const jwt = { issuer: at, audience: 'x', scopesClaim: 'scope' };
  guarded = await startGuarded({ auth: { jwt }, limits: { maxRequests: 150 } });
  const ann = await openSession(await guarded.token('ann'));
  const toPart = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const forged = (i: number): string =>
    [toPart({ alg: 'RS256', kid: `k${i}` }), toPart({ iss: at, aud: 'x', sub: 'a', exp: 9e9 }), 'AAAA'].join('.');
  const stops = [flood(forged), flood(forged)];
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect((await send(guarded.port, { headers: ann.headers, body: echo })).status).toBe(200);
  for (const stop of stops) stop();
  issuer.closeAllConnections();
  issuer.close();
});

test('refusals beyond those that wait for their time are answered at once, and say nothing of the token', async () => {
  guarded = await startGuarded();
  const stops = Array.from({ length: 8 }, () => flood(() => 'mmt_no'));
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(guarded.port, { body: echo })));
  expect(answers.every(({ status }) => status === 401 || status === 503)).toBe(true);
  const ann = await openSession(await guarded.token('ann'));
  expect(ann.status).toBe(200);
  for (const stop of stops) stop();
});
