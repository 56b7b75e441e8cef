import { expect, test } from 'vitest';
import { discover } from '../../../src/upstream/auth/discover.ts';
import { remote } from './auth-support.ts';

test('a server has no say in which issuer of an origin is meant, where one with a path is configured', async () => {
  const asked: string[] = [];
  const fetch = (url: string | URL): Promise<Response> => {
    const { href, pathname, origin } = new URL(url);
    asked.push(href);
    if (pathname.startsWith('/.well-known/oauth-protected-resource')) {
      const authorization_servers = ['https://login.example/realms/evil'];
      return Promise.resolve(Response.json({ resource: 'https://mcp.example/mcp', authorization_servers }));
    }
    const issuer = origin + pathname.replace('/.well-known/oauth-authorization-server', '');
    const ends = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` };
    return Promise.resolve(Response.json({ issuer, ...ends, response_types_supported: ['code'] }));
  };
  const auth = { type: 'oauth', issuer: 'https://login.example/realms/good' } as const;
  const found = await discover(remote('https://mcp.example/mcp', auth), { fetch });
  expect(found.issuer).toBe('https://login.example/realms/good');
  expect(asked.filter((url) => url.includes('evil'))).toEqual([]);
});
