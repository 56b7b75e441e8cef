import { describe, expect, test } from 'vitest';
import type { UpstreamAuth } from '../../../src/config/config.ts';
import { assertOurs, createGuardedFetch, issuerRole } from '../../../src/upstream/auth/guarded-fetch.ts';
import { authorizeFetch } from '../../../src/upstream/transport/http/authorized-fetch.ts';
import { book, configOf, remote, stateFolder, storeLogin, world } from './auth-support.ts';

const url = 'https://mcp.example.com/mcp';
const issuer: UpstreamAuth = { type: 'oauth', issuer: 'https://login.example.com/tenant' };
const look =
  (address: string, auth?: UpstreamAuth, server = url) =>
  (): void =>
    assertOurs(address, remote(server, auth), 'names', issuerRole);

describe('an address that a server names', () => {
  test.each([
    ['its own origin', 'https://mcp.example.com/token', undefined],
    ['its own origin, with the port written', 'https://mcp.example.com:443/token', undefined],
    ['that of the configured issuer', 'https://login.example.com/other', issuer],
  ])('is believed where it is of %s', (_, address, auth) => {
    expect(look(address, auth)).not.toThrow('');
  });

  test.each([
    ['http://mcp.example.com/token', undefined, /not https; it is not believed/],
    [
      'https://mcp.example.com:8443/token',
      undefined,
      /write auth: \{ issuer: https:\/\/mcp\.example\.com:8443\/token \}/,
    ],
    [
      'https://mcp.example.com.evil.example/',
      undefined,
      /write auth: \{ issuer: https:\/\/mcp\.example\.com\.evil\.example \}/,
    ],
    [
      'https://mcp.example.com@evil.example/',
      undefined,
      /https:\/\/evil\.example as its authorization server, which is not its own/,
    ],
    ['https://login.example.com/tenant', undefined, /write auth: \{ issuer: https:\/\/login\.example\.com\/tenant \}/],
    ['https://third.example/', issuer, /not that of auth\.issuer \(https:\/\/login\.example\.com\) either/],
    ['blob:https://mcp.example.com/token', undefined, /not http or https/],
    ['ftp://mcp.example.com/token', undefined, /not http or https/],
    ['https://169.254.169.254/', undefined, /private network; it is not believed/],
    ['https://[fe80::1]/', undefined, /private network/],
    ['https://[::ffff:169.254.169.254]/', undefined, /private network/],
    ['https://[::ffff:10.0.0.1]/', undefined, /private network/],
    ['https://[fd00::1]/', undefined, /private network/],
    ['https://[::1]/', undefined, /private network/],
    ['https://127.1/', undefined, /private network/],
    ['https://0x7f000001/', undefined, /private network/],
    ['https://10.1.2.3/', undefined, /private network/],
    ['https://192.168.0.1/', undefined, /private network/],
    ['https://localhost:3000/', undefined, /private network/],
    ['https://printer.local./', undefined, /private network/],
    ['file:///etc/passwd', undefined, /not believed/],
    ['javascript:alert(1)', undefined, /not believed/],
    ['no url', undefined, /no URL/],
  ])('%s is refused', (address, auth, message) => {
    expect(look(address, auth)).toThrow(message);
  });

  test('of a network of our own is refused with what to write where the server is in one, too, unless it is link-local', () => {
    expect(look('http://10.0.0.6/', undefined, 'http://10.0.0.5/mcp')).toThrow(
      'write auth: { issuer: http://10.0.0.6 }',
    );
    expect(look('http://169.254.169.254/', undefined, 'http://10.0.0.5/mcp')).toThrow('not believed');
  });
});

test('what is refused is never asked', async () => {
  const guarded = createGuardedFetch(remote(url));
  await expect(guarded('https://third.example/')).rejects.toThrow('which is not its own origin');
});

test('a redirect is handed back, and not followed', async () => {
  const there = await world({ redirect: ({ stranger }) => stranger });
  const guarded = createGuardedFetch(remote(there.url));
  expect((await guarded(`${there.issuer}/token-away`)).status).toBe(307);
  expect(there.seen.map(({ path }) => path)).toEqual(['/token-away']);
});

test('a request to another origin than the server is of carries no token', async () => {
  const [there, elsewhere] = [await world(), await world()];
  const stateDir = stateFolder();
  const { login } = await storeLogin(stateDir, there);
  const credentials = book(stateDir).of(configOf(remote(there.url)))!;
  const authorized = authorizeFetch(fetch, { credentials, origin: new URL(there.url).origin });
  await authorized(there.url);
  expect((await authorized(elsewhere.url)).status).toBe(401);
  expect(there.seen.map(({ authorization }) => authorization)).toEqual([`Bearer ${login.accessToken}`]);
  expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
});
