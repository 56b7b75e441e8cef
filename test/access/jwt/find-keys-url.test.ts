import { describe, expect, test } from 'vitest';
import type { Fetched } from '../../../src/access/jwt/fetch-json.ts';
import { findKeysUrl } from '../../../src/access/jwt/find-keys-url.ts';
import { isTrustworthyUrl } from '../../../src/access/jwt/trustworthy-url.ts';

/** Finds the keys of an issuer whose documents are these, and says what was asked for. */
async function find(issuer: string, documents: Record<string, unknown>): Promise<{ found: object; asked: string[] }> {
  const asked: string[] = [];
  const fetchJson = (url: string): Promise<Fetched> => {
    asked.push(url);
    const value = documents[url];
    return Promise.resolve(value === undefined ? { ok: false, reason: `nothing at ${url}` } : { ok: true, value });
  };
  return { found: await findKeysUrl(issuer, fetchJson), asked };
}

describe('where the keys of an issuer are', () => {
  test.each([
    ['https://id.example', 'https://id.example/.well-known/oauth-authorization-server'],
    ['https://id.example', 'https://id.example/.well-known/openid-configuration'],
    ['https://id.example/realm', 'https://id.example/.well-known/oauth-authorization-server/realm'],
    ['https://id.example/realm', 'https://id.example/.well-known/openid-configuration/realm'],
    ['https://id.example/realm/', 'https://id.example/realm/.well-known/openid-configuration'],
  ])('of %s is said at %s', async (issuer, place) => {
    const { found } = await find(issuer, { [place]: { issuer, jwks_uri: 'https://id.example/keys' } });
    expect(found).toEqual({ ok: true, url: 'https://id.example/keys' });
  });

  test.each([
    ['https://other.example/keys', /write them as auth\.jwt\.jwks/],
    ['http://id.example/keys', /names keys at http:\/\/id\.example/],
    ['https://id.example:8443/keys', /names keys at/],
    ['/keys', /names no jwks_uri/],
    [undefined, /names no jwks_uri/],
  ])('is believed at its own origin alone, not at %s', async (keys, reason) => {
    const issuer = 'https://id.example';
    const place = `${issuer}/.well-known/oauth-authorization-server`;
    const { found } = await find(issuer, { [place]: { issuer, jwks_uri: keys } });
    expect(found).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });

  test('is not believed by metadata that names another issuer', async () => {
    const place = 'https://id.example/.well-known/oauth-authorization-server';
    const { found, asked } = await find('https://id.example', {
      [place]: { issuer: 'https://evil.example', jwks_uri: 'https://id.example/keys' },
    });
    expect(found).toMatchObject({ ok: false, reason: expect.stringContaining('of another issuer') });
    expect(asked.every((url) => url.startsWith('https://id.example/'))).toBe(true);
  });
});

test.each([
  ['https://id.example/keys', true],
  ['http://127.0.0.1:8080', true],
  ['http://[::1]:8080', true],
  ['http://localhost', true],
  ['http://id.example', false],
  ['http://127.0.0.1.evil.example', false],
  ['ftp://127.0.0.1', false],
  ['nothing', false],
])('keys at %s can be relied on: %s', (url, expected) => {
  expect(isTrustworthyUrl(url)).toBe(expected);
});
