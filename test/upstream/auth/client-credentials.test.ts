import { expect, test } from 'vitest';
import type { UpstreamAuth } from '../../../src/config/config.ts';
import { recordingLogger, until } from '../support.ts';
import { book, open, remote, stateFolder, world } from './auth-support.ts';

const auth: UpstreamAuth = { type: 'client_credentials', clientId: 'robot', clientSecret: 'robot-secret' };
const methods = ['client_secret_basic', 'client_secret_post'];

test.each(methods)(
  'a program gets its own token (%s) before it asks anything, and all connections use it',
  async (method) => {
    const there = await world({ metadata: () => ({ token_endpoint_auth_methods_supported: [method] }) });
    const credentials = book(stateFolder());
    const upstreams = [1, 2, 3].map(() => open(remote(there.url, auth), credentials));
    for (const upstream of upstreams) expect((await upstream.call('write', { arguments: {} })).ok).toBe(true);
    expect(there.grants('client_credentials')).toBe(1);
    expect(there.seen.filter(({ path, authorization }) => path === '/mcp' && authorization === undefined)).toEqual([]);
  },
);

test('a token that is over is replaced by one more, for many calls at once', async () => {
  const there = await world({ lifetimeS: 3600, tokenDelayMs: 30 });
  const upstream = open(remote(there.url, auth), book(stateFolder()));
  await until(() => upstream.state().state === 'ready');
  there.expire();
  const answers = await Promise.all([1, 2, 3, 4].map(() => upstream.call('write', { arguments: {} })));
  expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  expect(there.grants('client_credentials')).toBe(2);
});

test('a wrong secret is told with what to correct, once, and is shown nowhere', async () => {
  const there = await world();
  const { logger, lines } = recordingLogger();
  const wrong = { ...auth, clientSecret: 'wrong-robot-secret' };
  const upstream = open(remote(there.url, wrong), book(stateFolder(), logger), logger);
  await until(() => upstream.state().needsLogin === true);
  expect(upstream.state().reason).toBe(
    'its authorization server refused us (invalid_client); correct auth at remote in the configuration',
  );
  const answer = await upstream.call('write', { arguments: {} });
  expect(answer).toMatchObject({ ok: false, sent: false, error: { retryable: false } });
  expect(there.grants('client_credentials')).toBe(1);
  expect(JSON.stringify([lines(), answer])).not.toContain('wrong-robot-secret');
});

test('an authorization server elsewhere gets the secret only where it is configured', async () => {
  const there = await world({ isApart: true });
  const refused = open(remote(there.url, auth), book(stateFolder()));
  await until(() => refused.state().needsLogin === true);
  expect(there.seen.filter(({ origin }) => origin === there.issuer)).toEqual([]);
  const upstream = open(remote(there.url, { ...auth, issuer: there.issuer }), book(stateFolder()));
  expect((await upstream.call('write', { arguments: {} })).ok).toBe(true);
});
