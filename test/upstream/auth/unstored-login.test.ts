import { expect, test } from 'vitest';
import { createLoginSource } from '../../../src/upstream/auth/login/login-source.ts';
import { silent } from '../support.ts';
import { remote, stateFolder, storeLogin, world } from './auth-support.ts';

test('a refresh token is sent once, also where the one that came for it cannot be stored', async () => {
  const there = await world({ lifetimeS: 3600 });
  const { store } = await storeLogin(stateFolder(), there, { expiresAtMs: 1 });
  const full = { ...store, write: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) };
  const source = createLoginSource({ server: remote(there.url), store: full, logger: silent });
  const first = await source.renew(source.read());
  const second = await source.renew(first.kind === 'token' ? first.token : undefined);
  expect([first.kind, second.kind]).toEqual(['token', 'token']);
  const sent = there.seen.flatMap(({ body }) => new URLSearchParams(body).get('refresh_token') ?? []);
  expect(new Set(sent).size).toBe(2);
});
