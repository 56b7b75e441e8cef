import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { revokeToken } from '../../../../src/access/tokens/revoke-token.ts';
import { audience, issuedS, startIssuer } from '../../../access/local-issuer.ts';
import { modernRequest, open, send, type Answer } from '../support.ts';
import { startGuarded, type GuardedListener, type GuardedOptions } from './support.ts';

let guarded: GuardedListener;
const start = async (options: GuardedOptions = {}): Promise<void> => void (guarded = await startGuarded(options));
afterEach(() => guarded.close());

type Shown = { authorization: string };

async function openSession(shown: Shown): Promise<Record<string, string>> {
  const body = { jsonrpc: '2.0', id: 'open', method: 'initialize', params: { protocolVersion: '2025-11-25' } };
  const { headers } = await send(guarded.port, { headers: { ...shown }, body });
  return { ...shown, 'mcp-session-id': String(headers['mcp-session-id']), 'mcp-protocol-version': '2025-11-25' };
}

function modern(
  shown: Shown,
  ...request: Parameters<typeof modernRequest>
): { headers: Record<string, string>; body: object } {
  const { headers, body } = modernRequest(...request);
  return { headers: { ...headers, ...shown }, body };
}

const echo = { jsonrpc: '2.0', id: 7, method: 'echo' };

describe('[scopes] what belongs to a client that has proved who it is', () => {
  test('its sessions are its own: for another they are not there, by whatever method', async () => {
    await start();
    const [ann, bob] = [await guarded.token('ann'), await guarded.token('bob')];
    const session = await openSession(ann);
    const ask = (method: string, headers: Record<string, string>): Promise<Answer> =>
      send(guarded.port, { method, headers, ...(method === 'POST' && { body: echo }) });
    for (const method of ['POST', 'GET', 'DELETE']) {
      const stolen = await ask(method, { ...session, ...bob });
      const unknown = await ask(method, { ...session, ...bob, 'mcp-session-id': 'never-was' });
      expect([stolen.status, stolen.text]).toEqual([404, unknown.text]);
    }
    // Nor does an opening beside the id tell that there is such a session.
    const body = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25' } };
    expect((await send(guarded.port, { headers: { ...session, ...bob }, body })).status).toBe(200);
    expect((await ask('POST', session)).status).toBe(200);
    expect(guarded.sessions.map(({ principal }) => principal)).toEqual(['token/ann', 'token/bob']);
  });

  test('each message of a session is allowed what the token shown with it allows, in both eras', async () => {
    const issuer = await startIssuer();
    const jwt = { issuer: issuer.url, audience, scopesClaim: 'scope' };
    await start({ auth: { jwt }, now: () => issuedS * 1000 });
    const shown = async (scope: string): Promise<Shown> => ({
      authorization: `Bearer ${await issuer.sign({ scope })}`,
    });
    const session = await openSession(await shown('read'));
    await send(guarded.port, { headers: { ...session, ...(await shown('read destructive')) }, body: echo });
    await send(guarded.port, { headers: { ...session, ...(await shown('')) }, body: echo });
    expect(guarded.sessions[0]!.scopes).toEqual([['read'], ['read', 'destructive'], []]);
    await send(guarded.port, modern(await shown('write')));
    const { principal, scopes } = guarded.exchanges[0]!.exchange;
    expect({ principal, scopes: [...scopes!] }).toEqual({ principal: `jwt/${issuer.url}/ann`, scopes: ['write'] });
    await issuer.close();
  });

  test('a server is told of no token: neither sessions nor exchanges see a header', async () => {
    await start();
    const ann = await guarded.token('ann');
    const session = await openSession(ann);
    await send(guarded.port, { headers: session, body: echo });
    await send(guarded.port, modern(ann));
    const seen = JSON.stringify([guarded.sessions, guarded.exchanges.map(({ message }) => message)]);
    expect(seen).toContain('echo');
    expect(seen).not.toContain(ann.authorization.slice(12));
    expect(JSON.stringify(guarded.logs)).not.toContain(ann.authorization.slice(12));
  });

  test('who opens sessions without end pushes out its own, never those of another', async () => {
    await start({ limits: { maxSessions: 4 } });
    const [ann, bob] = [await guarded.token('ann'), await guarded.token('bob')];
    const quiet = await openSession(ann);
    for (let i = 0; i < 8; i++) await openSession(bob);
    expect((await send(guarded.port, { headers: quiet, body: echo })).status).toBe(200);
  });
});

describe('[scopes] a token that is taken back', () => {
  test('is refused with the next request, and what it has begun ends within seconds: streams, subscriptions, sessions', async () => {
    await start();
    const [ann, bob] = [await guarded.token('ann'), await guarded.token('bob')];
    const [session, other] = [await openSession(ann), await openSession(bob)];
    const streams = await Promise.all([
      open(guarded.port, { method: 'GET', headers: session }),
      open(guarded.port, { method: 'GET', headers: other }),
    ]);
    // Its answer never comes; that it has begun is not to be seen either.
    const running = send(guarded.port, modern(ann, { name: 'hold' })).then(
      () => 'answered',
      () => 'cut',
    );
    await expect.poll(() => guarded.exchanges.length).toBe(1);
    await revokeToken(guarded.stateDir, { name: 'ann', nowMs: Date.now() });
    await streams[0].ended;
    expect(await running).toBe('cut');
    expect(guarded.exchanges[0]!.exchange.signal.aborted).toBe(true);
    expect((await send(guarded.port, { headers: session, body: echo })).status).toBe(401);
    await expect.poll(() => guarded.sessions.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    expect((await send(guarded.port, { headers: other, body: echo })).status).toBe(200);
    streams[1].leave();
  });

  test('by the clock alone ends its streams, and leaves the session to the next token of the same client', async () => {
    const issuer = await startIssuer();
    let nowMs = issuedS * 1000;
    const jwt = { issuer: issuer.url, audience, scopesClaim: 'scope' };
    await start({ auth: { jwt }, now: () => nowMs });
    const session = await openSession({ authorization: `Bearer ${await issuer.sign()}` });
    const stream = await open(guarded.port, { method: 'GET', headers: session });
    nowMs += 306_000;
    expect((await stream.ended).isCut).toBe(true);
    const renewed = { authorization: `Bearer ${await issuer.sign({ exp: issuedS + 900 })}` };
    expect((await send(guarded.port, { headers: { ...session, ...renewed }, body: echo })).status).toBe(200);
    await issuer.close();
  });
});

describe('what one client may have at once and in a time', () => {
  const call = (shown: Shown, name = 'echo'): { headers: Record<string, string>; body: object } =>
    modern(shown, { name });

  test('is bounded for it alone: the call beyond is refused with 429 and when to come back, those of another pass', async () => {
    await start({ auth: { limits: { maxParallel: 2 } } });
    const [ann, bob] = [await guarded.token('ann'), await guarded.token('bob')];
    const held = [send(guarded.port, call(ann, 'hold')), send(guarded.port, call(ann, 'hold'))];
    await expect.poll(() => guarded.exchanges.length).toBe(2);
    const refused = await send(guarded.port, call(ann));
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      json: { id: 1, error: { code: -32000, data: { code: 'limit_exceeded', applied: 'no' } } },
    });
    expect(refused.json.error.message).toContain('auth.limits.maxParallel');
    expect((await send(guarded.port, call(bob))).status).toBe(200);
    // What we answer by ourselves is no call.
    expect((await openSession(ann))['mcp-session-id']).toMatch(/^[0-9a-f-]{36}$/);
    for (const { message, exchange } of guarded.exchanges)
      exchange.send({ jsonrpc: '2.0', id: message['id'], result: {} });
    await Promise.all(held);
    expect((await send(guarded.port, call(ann))).status).toBe(200);
  });

  test('counts what a legacy client has begun until it has ended, though the client has gone', async () => {
    await start({ auth: { limits: { maxParallel: 1 } } });
    const session = await openSession(await guarded.token('ann'));
    const toolCall = { jsonrpc: '2.0', id: 8, method: 'tools/call', params: { name: 'hold' } };
    const first = await open(guarded.port, { headers: session, body: toolCall });
    first.leave();
    const again = (): Promise<Answer> => send(guarded.port, { headers: session, body: { ...echo, id: 9 } });
    expect((await again()).status).toBe(429);
    guarded.sessions[0]!.outlet.send({ jsonrpc: '2.0', id: 8, result: {} }, 8);
    expect((await again()).status).toBe(200);
  });

  test('is half of all that may be open, streams among them: there is room for another', async () => {
    await start({ limits: { maxRequests: 6 } });
    const [ann, bob] = [await guarded.token('ann'), await guarded.token('bob')];
    const held = Array.from({ length: 3 }, () => send(guarded.port, call(ann, 'hold')));
    await expect.poll(() => guarded.exchanges.length).toBe(3);
    const refused = await send(guarded.port, call(ann));
    expect(refused.status).toBe(429);
    expect(refused.json.error.message).toContain('limits.openRequests');
    expect((await send(guarded.port, call(bob))).status).toBe(200);
    for (const { message, exchange } of guarded.exchanges)
      exchange.send({ jsonrpc: '2.0', id: message['id'], result: {} });
    await Promise.all(held);
    await expect.poll(async () => (await send(guarded.port, call(ann))).status).toBe(200);
  });

  test('holds in any window of its rate, a batch of messages for each of them', async () => {
    await start({ auth: { limits: { maxParallel: 64, rate: { calls: 3, perMs: 3_600_000 } } } });
    const ann = await guarded.token('ann');
    for (let i = 0; i < 3; i++) expect((await send(guarded.port, call(ann))).status).toBe(200);
    const refused = await send(guarded.port, call(ann));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(3500);
    expect((await send(guarded.port, call(await guarded.token('bob')))).status).toBe(200);
  });
});

describe('what needs no token', () => {
  test('is whether we live and are ready; the names of servers are for those who have one', async () => {
    await start({ readiness: () => ({ ready: true, servers: [{ name: 'secret-project', state: 'ready' }] }) });
    const ask = (path: string, headers = {}): Promise<Answer> => send(guarded.port, { method: 'GET', path, headers });
    expect((await ask('/healthz')).json).toEqual({ status: 'ok' });
    expect((await ask('/readyz')).json).toEqual({ ready: true });
    expect((await ask('/readyz', await guarded.token('ann'))).json).toEqual({
      ready: true,
      servers: { 'secret-project': 'ready' },
    });
    expect((await ask('/readyz', { authorization: 'Bearer mmt_x' })).status).toBe(401);
  });

  test.each(['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'])(
    'is how one could get a token: %s',
    async (path) => {
      const jwt = { issuer: 'https://id.example', audience, scopesClaim: 'scope' };
      await start({ auth: { jwt } });
      const { json, status } = await send(guarded.port, { method: 'GET', path });
      expect({ status, ...json }).toEqual({
        status: 200,
        resource: guarded.url,
        authorization_servers: ['https://id.example'],
        scopes_supported: ['read', 'write', 'destructive'],
        bearer_methods_supported: ['header'],
        resource_name: 'mcp-marshal',
      });
      expect((await send(guarded.port, { method: 'GET', path, headers: { host: 'evil.example' } })).status).toBe(403);
      expect((await send(guarded.port, { method: 'POST', path, body: {} })).headers['allow']).toBe('GET, HEAD');
    },
  );

  test('speaks of the endpoint as it is configured, where that is', async () => {
    await start({ auth: { url: 'https://tools.example.com/team/mcp' } });
    const host = { host: 'tools.example.com' };
    const path = '/.well-known/oauth-protected-resource/team/mcp';
    const { json } = await send(guarded.port, { method: 'GET', path, headers: host });
    expect(json.resource).toBe('https://tools.example.com/team/mcp');
    expect(json.authorization_servers).toBeUndefined();
    const { headers } = await send(guarded.port, { headers: host, body: echo });
    expect(headers['www-authenticate']).toBe(`Bearer resource_metadata="https://tools.example.com${path}"`);
  });

  test('repeats nothing of a host but the host', async () => {
    await start();
    const { headers } = await send(guarded.port, { headers: { host: 'localhost:80/"x' }, body: echo });
    expect(headers['www-authenticate']).toBe(
      'Bearer resource_metadata="http://localhost/.well-known/oauth-protected-resource/mcp"',
    );
  });
});

describe('where a request comes from', () => {
  test('is a page of auth.origins too, which may read what it is answered; no other page is told anything', async () => {
    await start({ auth: { origins: ['https://app.example.com/'] } });
    const origin = 'https://app.example.com';
    const wish = { 'access-control-request-method': 'POST' };
    const headers = 'authorization, content-type, mcp-protocol-version, mcp-param-x, cookie';
    const asked = await send(guarded.port, {
      method: 'OPTIONS',
      headers: { origin, ...wish, 'access-control-request-headers': headers },
    });
    expect(asked).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers': 'authorization, content-type, mcp-protocol-version, mcp-param-x',
        vary: 'Origin',
      },
    });
    const ann = await guarded.token('ann');
    const answer = await send(guarded.port, modern({ ...ann, origin } as Shown));
    expect(answer).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': origin } });
    const refused = await send(guarded.port, { headers: { origin }, body: echo });
    expect(refused).toMatchObject({ status: 401, headers: { 'access-control-allow-origin': origin } });
    for (const other of ['https://evil.example', 'http://app.example.com', 'https://app.example.com:8443', 'null']) {
      const answered = await send(guarded.port, { method: 'OPTIONS', headers: { origin: other, ...wish } });
      expect([answered.status, answered.headers['access-control-allow-origin']]).toEqual([403, undefined]);
    }
    const local = await send(guarded.port, { method: 'OPTIONS', headers: { origin: 'http://localhost', ...wish } });
    expect([local.status, local.headers['access-control-allow-origin']]).toEqual([405, undefined]);
  });

  test('is checked by name at all addresses of the machine: its own address, this machine, and auth.url', async () => {
    await start({ host: '0.0.0.0', auth: { url: 'https://tools.example.com/mcp' } });
    const statusOf = async (host: string): Promise<number> =>
      (await send(guarded.port, { method: 'GET', path: '/healthz', headers: { host } })).status;
    for (const host of ['localhost', '127.0.0.1:9', 'tools.example.com']) expect(await statusOf(host)).toBe(200);
    // Not one that the connection was not made to; and not the name that stands for all of them.
    const others = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    const foreign = others.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '10.1.2.3';
    for (const host of [foreign, '0.0.0.0', 'evil.example', '127.0.0.1.evil.example'])
      expect(await statusOf(host)).toBe(403);
  });

  test('at an address of the machine that is not loopback is known by that address', async () => {
    await start({ host: '0.0.0.0' });
    const address = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    // A machine without a network has none to be reached at.
    const host = address ?? '127.0.0.1';
    const response = await fetch(`http://${host}:${guarded.port}/healthz`);
    expect(response.status).toBe(200);
  });
});
