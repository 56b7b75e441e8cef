import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SendResult } from '../../../src/core/outcome.ts';
import type { Upstream } from '../../../src/upstream/upstream.ts';
import { recordingLogger, textOf, until } from '../support.ts';
import { book, open, remote, stateFolder, storeLogin, world } from './auth-support.ts';

const write = (upstream: Upstream): Promise<SendResult> => upstream.call('write', { arguments: {} });
const kinds = [
  ['legacy', 'http'],
  ['modern', 'http'],
  ['legacy', 'sse'],
] as const;

describe.each(kinds)('a %s server over %s', (era, type) => {
  test('gets the token with every request, whatever its kind, and the end of its session too', async () => {
    const there = await world({ era });
    const stateDir = stateFolder();
    const url = type === 'sse' ? there.sseUrl : there.url;
    const { login } = await storeLogin(stateDir, there, { url });
    const upstream = open(remote(url, undefined, type), book(stateDir));
    expect(textOf(await write(upstream))).toBe('write');
    expect(upstream.state()).toMatchObject({ state: 'ready', era });
    await upstream.close();
    const came = new Set(there.seen.map(({ method }) => method));
    expect(came).toEqual(
      new Set(era === 'modern' ? ['POST'] : type === 'sse' ? ['GET', 'POST'] : ['GET', 'POST', 'DELETE']),
    );
    expect(new Set(there.seen.map(({ authorization }) => authorization))).toEqual(
      new Set([`Bearer ${login.accessToken}`]),
    );
  });

  test('without a login needs one, is asked once, and says what to run', async () => {
    const there = await world({ era });
    const url = type === 'sse' ? there.sseUrl : there.url;
    const upstream = open(remote(url, undefined, type), book(stateFolder()));
    await until(() => upstream.state().state === 'failed');
    expect(upstream.state()).toMatchObject({
      needsLogin: true,
      reason: 'it wants a login (HTTP 401); run mcp-marshal login remote',
    });
    expect(await write(upstream)).toMatchObject({
      ok: false,
      sent: false,
      error: {
        code: 'server_unavailable',
        retryable: false,
        message: expect.stringContaining('mcp-marshal login remote'),
      },
    });
    expect(there.seen).toHaveLength(1);
  });

  test('takes up a login that another process makes, without a restart', async () => {
    const there = await world({ era });
    const stateDir = stateFolder();
    const url = type === 'sse' ? there.sseUrl : there.url;
    const upstream = open(remote(url, undefined, type), book(stateDir));
    await until(() => upstream.state().needsLogin === true);
    await storeLogin(stateDir, there, { url });
    await until(() => upstream.state().state === 'ready');
    expect((await write(upstream)).ok).toBe(true);
  });

  test('refuses a token in the middle: it is renewed once for many calls, and each of them is run once', async () => {
    const there = await world({ era, tokenDelayMs: 50 });
    const stateDir = stateFolder();
    const url = type === 'sse' ? there.sseUrl : there.url;
    const { store } = await storeLogin(stateDir, there, { url });
    const upstream = open(remote(url, undefined, type), book(stateDir));
    await until(() => upstream.state().state === 'ready');
    there.expire();
    const answers = await Promise.all(Array.from({ length: 20 }, () => write(upstream)));
    expect(answers.map(({ ok }) => ok)).toEqual(Array.from({ length: 20 }, () => true));
    expect(there.grants('refresh_token')).toBe(1);
    const found = store.find();
    const bearer = found.kind === 'login' ? `Bearer ${found.login.accessToken}` : '';
    const taken = there.seen.filter(
      ({ body, authorization }) => body.includes('tools/call') && authorization === bearer,
    );
    expect(taken).toHaveLength(20);
  });

  test('with a login that was taken back fails calls as not run, and does not ask again and again', async () => {
    const there = await world({ era });
    const stateDir = stateFolder();
    const url = type === 'sse' ? there.sseUrl : there.url;
    await storeLogin(stateDir, there, { url });
    const upstream = open(remote(url, undefined, type), book(stateDir));
    await until(() => upstream.state().state === 'ready');
    there.expire();
    there.revoke();
    expect(await write(upstream)).toMatchObject({
      ok: false,
      sent: false,
      error: {
        code: 'server_unavailable',
        retryable: false,
        message: expect.stringMatching(/taken back; run mcp-marshal login remote/),
      },
    });
    await until(() => upstream.state().needsLogin === true);
    const before = there.seen.length;
    for (let n = 0; n < 5; n += 1) expect((await write(upstream)).ok).toBe(false);
    expect(there.seen.length).toBe(before);
    expect(there.grants('refresh_token')).toBe(1);
    await storeLogin(stateDir, there, { url });
    await until(() => upstream.state().state === 'ready');
    expect((await write(upstream)).ok).toBe(true);
  });
});

test.each(['forgotten', 'made anew'])(
  'a login that is %s while it is being renewed is not brought back by that',
  async (what) => {
    const there = await world({ tokenDelayMs: 100 });
    const stateDir = stateFolder();
    const { store } = await storeLogin(stateDir, there);
    const upstream = open(remote(there.url), book(stateDir));
    await until(() => upstream.state().state === 'ready');
    there.expire();
    const answer = write(upstream);
    await until(() => there.seen.some(({ path }) => path === '/token'));
    const made = what === 'forgotten' ? undefined : (await storeLogin(stateDir, there)).login;
    if (made === undefined) store.remove();
    await answer;
    expect(store.find()).toEqual(made === undefined ? { kind: 'none' } : { kind: 'login', login: made });
  },
);

test('a login whose file is merely touched while it is being renewed is renewed all the same', async () => {
  const there = await world({ tokenDelayMs: 100 });
  const stateDir = stateFolder();
  const { store, login } = await storeLogin(stateDir, there);
  const upstream = open(remote(there.url), book(stateDir));
  await until(() => upstream.state().state === 'ready');
  there.expire();
  const answer = write(upstream);
  await until(() => there.seen.some(({ path }) => path === '/token'));
  utimesSync(store.file, new Date(0), new Date(0));
  expect((await answer).ok).toBe(true);
  const kept = store.find();
  expect(kept.kind === 'login' && kept.login.refreshToken).not.toBe(login.refreshToken);
});

test('a token near its end is renewed while requests go on with it, and one that is over before they do', async () => {
  const there = await world({ lifetimeS: 3600 });
  const stateDir = stateFolder();
  await storeLogin(stateDir, there, { expiresAtMs: Date.now() + 30_000 });
  const upstream = open(remote(there.url), book(stateDir));
  expect((await write(upstream)).ok).toBe(true);
  await until(() => there.grants('refresh_token') === 1);
  expect(there.seen.filter(({ authorization }) => authorization === undefined).map(({ path }) => path)).toEqual([
    '/token',
  ]);

  const later = stateFolder();
  const { login } = await storeLogin(later, there, { expiresAtMs: Date.now() - 1000 });
  const begun = there.seen.length;
  expect((await write(open(remote(there.url), book(later)))).ok).toBe(true);
  expect(there.grants('refresh_token')).toBe(2);
  expect(there.seen.slice(begun).map(({ authorization }) => authorization)).not.toContain(
    `Bearer ${login.accessToken}`,
  );
});

test('a token that holds is used to its end, also where there will be no other', async () => {
  const there = await world();
  const stateDir = stateFolder();
  await storeLogin(stateDir, there, { expiresAtMs: Date.now() + 30_000 });
  there.revoke();
  const upstream = open(remote(there.url), book(stateDir));
  await until(() => there.grants('refresh_token') === 1);
  for (let n = 0; n < 5; n += 1) expect((await write(upstream)).ok).toBe(true);
  expect(there.grants('refresh_token')).toBe(1);
});

test('two processes renew a login once between them, and both go on', async () => {
  const there = await world({ tokenDelayMs: 100 });
  const stateDir = stateFolder();
  await storeLogin(stateDir, there);
  const [one, two] = [open(remote(there.url), book(stateDir)), open(remote(there.url), book(stateDir))];
  await until(() => one.state().state === 'ready' && two.state().state === 'ready');
  there.expire();
  const answers = await Promise.all([write(one), write(two), write(one), write(two)]);
  expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  expect(there.grants('refresh_token')).toBe(1);
});

test('an authorization server that is away ends nothing for good: the call was not run and may be sent again', async () => {
  const there = await world();
  const stateDir = stateFolder();
  await storeLogin(stateDir, there);
  const upstream = open(remote(there.url), book(stateDir));
  await until(() => upstream.state().state === 'ready');
  there.expire();
  there.breakTokens(503, 'try later');
  const failed = { ok: false, sent: false, error: { code: 'server_unavailable', retryable: true } };
  expect(await write(upstream)).toMatchObject(failed);
  expect(await write(upstream)).toMatchObject(failed);
  expect(there.grants('refresh_token')).toBe(1);
  expect(upstream.state().needsLogin).toBeUndefined();
});

test('a server that refuses even a new token is not given one after another', async () => {
  const there = await world();
  const stateDir = stateFolder();
  await storeLogin(stateDir, there);
  const upstream = open(remote(there.url), book(stateDir));
  await until(() => upstream.state().state === 'ready');
  there.expire();
  there.breakTokens(
    200,
    JSON.stringify({ access_token: 'access-for-another', token_type: 'Bearer', refresh_token: 'r' }),
  );
  expect(await write(upstream)).toMatchObject({ ok: false, sent: false, error: { retryable: false } });
  expect(there.grants('refresh_token')).toBe(1);
});

test('tokens of another url are never sent, nor used to get others', async () => {
  const [there, elsewhere] = [await world(), await world()];
  const stateDir = stateFolder();
  await storeLogin(stateDir, there);
  const upstream = open(remote(elsewhere.url), book(stateDir));
  await until(() => upstream.state().needsLogin === true);
  expect(upstream.state().reason).toContain('for another url');
  expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
  expect([there.grants('refresh_token'), elsewhere.grants('refresh_token')]).toEqual([0, 0]);
});

test('a configured Authorization is sent alone, also where somebody has logged in', async () => {
  const there = await world();
  const stateDir = stateFolder();
  await storeLogin(stateDir, there);
  const server = { ...remote(there.url), headers: { authorization: 'Bearer of-our-own' } };
  const upstream = open(server, book(stateDir));
  await until(() => upstream.state().state === 'failed');
  expect(new Set(there.seen.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer of-our-own']));
  expect(upstream.state().reason).toMatch(/check "headers"/);
});

test('a wrong key in another header is told as before where nothing speaks of a login', async () => {
  const there = await world({ challenge: () => 'Basic realm="x"' });
  const upstream = open({ ...remote(there.url), headers: { 'x-key': 'wrong' } }, book(stateFolder()));
  await until(() => upstream.state().state === 'failed');
  expect(upstream.state().reason).toMatch(/refuses our credentials \(HTTP 401\)/);
  expect(upstream.state().needsLogin).toBeUndefined();
});

describe.each(['http', 'sse'] as const)('over %s', (type) => {
  test('a redirect elsewhere is not followed, and no token gets there', async () => {
    const there = await world({ redirect: ({ stranger }) => `${stranger}/landed` });
    const stateDir = stateFolder();
    const url = `${new URL(there.url).origin}/away`;
    await storeLogin(stateDir, there, { url });
    const upstream = open(remote(url, undefined, type), book(stateDir));
    await until(() => upstream.state().state === 'failed');
    expect(there.seen.map(({ path }) => path)).not.toContain('/landed');
    expect(there.seen.length).toBeGreaterThan(0);
  });
});

test('a stream of SSE that sends messages to another origin is given up, and no token gets there', async () => {
  const there = await world({ endpoint: ({ stranger }) => `${stranger}/messages` });
  const stateDir = stateFolder();
  await storeLogin(stateDir, there, { url: there.sseUrl });
  const upstream = open(remote(there.sseUrl, undefined, 'sse'), book(stateDir));
  await until(() => upstream.state().state === 'failed');
  expect(new Set(there.seen.map(({ path }) => path))).toEqual(new Set(['/sse']));
});

test.each([
  ['names one at another origin', '/token', true],
  ['is sent on to another origin by it', '/token-away', false],
])('a login whose token endpoint %s is not renewed there', async (_, path, isForeign) => {
  const elsewhere = await world();
  const there = await world({ redirect: () => elsewhere.url });
  const stateDir = stateFolder();
  const { origin } = new URL(isForeign ? elsewhere.url : there.url);
  await storeLogin(stateDir, there, { tokenEndpoint: origin + path });
  const upstream = open(remote(there.url), book(stateDir));
  await until(() => upstream.state().state === 'ready');
  there.expire();
  expect(await write(upstream)).toMatchObject({ ok: false, sent: false });
  expect(elsewhere.seen).toEqual([]);
});

test('the file is for its user alone; one that is broken counts as none, and the log says so', async () => {
  const there = await world();
  const stateDir = stateFolder();
  const { store } = await storeLogin(stateDir, there);
  expect(statSync(store.file).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(store.file)).mode & 0o777).toBe(0o700);
  expect(store.file).toBe(join(stateDir, 'oauth', 'remote.json'));
  writeFileSync(store.file, readFileSync(store.file, 'utf8').slice(0, -20));
  const { logger, lines } = recordingLogger();
  const upstream = open(remote(there.url), book(stateDir, logger));
  await until(() => upstream.state().needsLogin === true);
  expect(lines().map(({ msg }) => msg)).toContain('the stored login cannot be read; passed over');
  expect(there.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
});

test('no token, secret or answer of an authorization server is ever logged or told', async () => {
  const there = await world();
  const stateDir = stateFolder();
  const { login } = await storeLogin(stateDir, there, {
    client: { client_id: 'c', client_secret: 'secret-of-the-client' },
  });
  const { logger, lines } = recordingLogger();
  const credentials = book(stateDir, logger);
  const upstream = open(remote(there.url), credentials, logger);
  await until(() => upstream.state().state === 'ready');
  there.expire();
  there.breakTokens(400, JSON.stringify({ error: 'invalid_grant', error_description: `echo ${login.refreshToken}` }));
  const answer = await write(upstream);
  await until(() => upstream.state().needsLogin === true);
  const told = JSON.stringify([lines(), answer, upstream.state()]);
  for (const secret of [login.accessToken, login.refreshToken, 'secret-of-the-client', 'echo']) {
    expect(told).not.toContain(secret);
  }
});
