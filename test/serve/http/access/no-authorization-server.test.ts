import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import type { OAuthClientInformationFull } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { send, startListener } from '../support.ts';
import { startGuarded, type GuardedListener } from './support.ts';

let guarded: GuardedListener;
beforeEach(async () => {
  guarded = await startGuarded();
});
afterEach(() => guarded.close());

const says = /mcp-marshal is no authorization server.*Authorization: Bearer TOKEN.*mcp-marshal token create NAME/;

/** What a client keeps of a login that never comes. */
function createProvider() {
  return {
    redirectUrl: 'http://127.0.0.1:9/callback',
    clientMetadata: { redirect_uris: ['http://127.0.0.1:9/callback'] },
    clientInformation: () => undefined,
    saveClientInformation(_given: OAuthClientInformationFull) {},
    tokens: () => undefined,
    saveTokens() {},
    redirectToAuthorization() {},
    saveCodeVerifier() {},
    codeVerifier: () => '',
  };
}

describe('where only tokens let clients in, a client that would log in', () => {
  test('with version 1 of the SDK is told that it cannot, and what to send', async () => {
    const transport = new TransportV1(new URL(guarded.url), { authProvider: createProvider() });
    const client = new ClientV1({ name: 'test', version: '1.0.0' });
    await expect(client.connect(transport)).rejects.toThrow(says);
    await client.close();
  });

  test.each(['legacy', 'auto'] as const)('with version 2 (%s) is told the same', async (mode) => {
    const transport = new TransportV2(new URL(guarded.url), { authProvider: createProvider() });
    const client = new ClientV2({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
    await expect(client.connect(transport)).rejects.toThrow(says);
    await client.close();
  });

  test.each([
    ['GET', '/.well-known/oauth-authorization-server', 404],
    ['GET', '/.well-known/oauth-authorization-server/mcp', 404],
    ['GET', '/.well-known/openid-configuration', 404],
    ['GET', '/mcp/.well-known/openid-configuration', 404],
    ['POST', '/register', 400],
    ['POST', '/token', 400],
    ['GET', '/authorize?client_id=x', 400],
  ])('finds at %s %s an error of OAuth that a person can read', async (method, path, status) => {
    const answer = await send(guarded.port, { method, path, ...(method === 'POST' && { body: {} }) });
    expect(answer).toMatchObject({
      status,
      json: { error: 'invalid_request', error_description: expect.stringMatching(says) },
    });
    expect((await send(guarded.port, { method, path, headers: { host: 'evil.example' } })).status).toBe(403);
  });
});

test('where nobody has to log in, there is nothing of the kind', async () => {
  const open = await startListener();
  const { json, status } = await send(open.port, { path: '/register', body: {} });
  expect([status, json.error.message]).toEqual([404, 'Not Found: the endpoint is /mcp']);
  await open.close();
});
