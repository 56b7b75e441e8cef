import { describe, expect, test } from 'vitest';
import type { UpstreamAuth } from '../../../src/config/config.ts';
import type { BegunLogin } from '../../../src/upstream/auth/login/begin-login.ts';
import { beginLogin } from '../../../src/upstream/auth/login/begin-login.ts';
import type { OauthWorld, OauthWorldOptions } from '../../fixtures/oauth/oauth-world.ts';
import { remote, world } from './auth-support.ts';

const redirectUrl = 'http://127.0.0.1:1/callback';

function begin(there: OauthWorld, auth?: UpstreamAuth): Promise<BegunLogin> {
  return beginLogin(remote(there.url, auth), { redirectUrl, signal: new AbortController().signal });
}

/** What the browser is sent back with, once the page has been seen. */
async function answerOf({ pageUrl }: BegunLogin): Promise<URLSearchParams> {
  const response = await fetch(pageUrl, { redirect: 'manual' });
  return new URL(response.headers.get('location') ?? '').searchParams;
}

test('a server that only refuses is found out about, registered with, and logged in to', async () => {
  const there = await world({ lifetimeS: 3600 });
  const login = await begin(there);
  const page = new URL(login.pageUrl);
  expect(page.searchParams.get('code_challenge_method')).toBe('S256');
  expect(page.searchParams.get('redirect_uri')).toBe(redirectUrl);
  expect(page.searchParams.get('resource')).toBe(`${new URL(there.url).origin}/`);
  const answer = await answerOf(login);
  expect(login.isOurs(answer)).toBe(true);
  const stored = await login.finish(answer);
  expect(stored).toMatchObject({
    url: there.url,
    issuer: there.issuer,
    client: { client_id: 'registered-client' },
    scope: 'tools',
    accessToken: expect.stringMatching(/^access-/),
    refreshToken: expect.stringMatching(/^refresh-/),
  });
  expect((stored.expiresAtMs ?? 0) - stored.issuedAtMs).toBe(3_600_000);
});

test('an answer with another state, or none, is not ours', async () => {
  const login = await begin(await world());
  const answer = await answerOf(login);
  const state = answer.get('state') ?? '';
  expect(state.length).toBeGreaterThan(40);
  for (const other of [`${state}x`, state.slice(1), state.toUpperCase(), '']) {
    expect(login.isOurs(new URLSearchParams({ code: 'c', state: other }))).toBe(false);
  }
  expect(login.isOurs(new URLSearchParams({ code: 'c' }))).toBe(false);
});

test('a code works once, and only with the secret of the login that asked for it', async () => {
  const there = await world();
  const [first, second] = [await begin(there), await begin(there)];
  const answer = await answerOf(first);
  await expect(second.finish(answer)).rejects.toThrow('its authorization server refused us (invalid_grant)');
  const again = await answerOf(first);
  await first.finish(again);
  await expect(first.finish(again)).rejects.toThrow(/invalid_grant/);
});

test('an answer that says it is of another issuer is not exchanged', async () => {
  const there = await world();
  const login = await begin(there);
  const answer = await answerOf(login);
  answer.set('iss', 'https://evil.example');
  await expect(login.finish(answer)).rejects.toThrow('the answer is of another issuer');
  answer.delete('iss');
  await expect(login.finish(answer)).rejects.toThrow('the answer is of another issuer');
  expect(there.grants('authorization_code')).toBe(0);
});

test('a person who declines is told so', async () => {
  const login = await begin(await world());
  await expect(login.finish(new URLSearchParams({ error: 'access_denied' }))).rejects.toThrow('the login was declined');
});

test('a client of the configuration is used as it is, and its secret is not stored', async () => {
  const there = await world();
  const login = await begin(there, { type: 'oauth', clientId: 'ours', clientSecret: 'ours-secret', scope: 'a b' });
  expect(new URL(login.pageUrl).searchParams.get('client_id')).toBe('ours');
  expect(new URL(login.pageUrl).searchParams.get('scope')).toBe('a b');
  const stored = await login.finish(await answerOf(login));
  expect(stored.client).toEqual({ client_id: 'ours' });
  expect(there.seen.map(({ path }) => path)).not.toContain('/register');
  const basic = `Basic ${Buffer.from('ours:ours-secret').toString('base64')}`;
  expect(there.seen.find(({ path }) => path === '/token')?.authorization).toBe(basic);
});

test('an authorization server at another origin is used where the configuration names it, and refused with what to write where not', async () => {
  const there = await world({ isApart: true });
  await expect(begin(there)).rejects.toThrow(`write auth: { issuer: ${there.issuer} } at remote`);
  expect(there.seen.map(({ origin }) => origin)).not.toContain(there.issuer);
  const login = await begin(there, { type: 'oauth', issuer: there.issuer });
  expect(await login.finish(await answerOf(login))).toMatchObject({ issuer: there.issuer });
});

const wrong: [string, OauthWorldOptions, RegExp][] = [
  [
    'metadata of its own at a private address',
    { challenge: () => 'Bearer resource_metadata="http://169.254.169.254/latest/meta-data"' },
    /169\.254\.169\.254.*not believed/,
  ],
  [
    'metadata of its own at another port',
    { challenge: ({ stranger }) => `Bearer resource_metadata="${stranger}/metadata"` },
    /which is not its own origin/,
  ],
  ['metadata about another resource', { resource: () => ({ resource: 'https://bank.example/' }) }, /another resource/],
  [
    'an authorization server inside of its cloud',
    { resource: () => ({ authorization_servers: ['http://169.254.169.254/'] }) },
    /169\.254\.169\.254.*not believed/,
  ],
  [
    'an authorization server at another port',
    { resource: ({ stranger }) => ({ authorization_servers: [stranger] }) },
    /write auth: \{ issuer: http:\/\/127\.0\.0\.1/,
  ],
  [
    'a token endpoint elsewhere',
    { metadata: ({ stranger }) => ({ token_endpoint: `${stranger}/token` }) },
    /as its token endpoint, which is not its own origin/,
  ],
  [
    'a page for logging in elsewhere',
    { metadata: ({ stranger }) => ({ authorization_endpoint: `${stranger}/authorize` }) },
    /as its page for logging in/,
  ],
  [
    'a registration elsewhere',
    { metadata: ({ stranger }) => ({ registration_endpoint: `${stranger}/register` }) },
    /as its registration endpoint/,
  ],
  ['an issuer that is somebody else', { metadata: () => ({ issuer: 'https://other.example' }) }, /another issuer/],
  ['no word of PKCE', { metadata: () => ({ code_challenge_methods_supported: ['plain'] }) }, /PKCE/],
  [
    'no way to register',
    { metadata: () => ({ registration_endpoint: undefined }) },
    /lets nobody register; .*auth: \{ clientId: … \}/,
  ],
  ['endless metadata', { metadata: () => ({ padding: 'x'.repeat(300_000) }) }, /authorization server/],
];

describe('a server with', () => {
  test.each(wrong)('%s is refused, and nobody else hears of it', async (_, options, message) => {
    const there = await world(options);
    await expect(begin(there)).rejects.toThrow(message);
    const { origin } = new URL(there.url);
    expect(new Set(there.seen.map((one) => one.origin))).toEqual(new Set([origin]));
    expect(there.grants('authorization_code')).toBe(0);
  });
});

test('an issuer that is configured as plain http is refused for a server that is https', async () => {
  const server = remote('https://mcp.invalid/mcp', { type: 'oauth', issuer: 'http://login.invalid' });
  const begun = beginLogin(server, { redirectUrl, signal: new AbortController().signal });
  await expect(begun).rejects.toThrow(/plain http/);
});
