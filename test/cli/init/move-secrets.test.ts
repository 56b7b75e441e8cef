import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ServerEntry } from '../../../src/clients/client.ts';
import { createVault, moveSecrets } from '../../../src/cli/init/secrets/move-secrets.ts';
import { renderEnvLines } from '../../../src/cli/init/secrets/render-env-file.ts';

function move(launch: ServerEntry['launch'], environment: Record<string, string> = {}) {
  const vault = createVault(environment);
  return { launch: moveSecrets(launch, { server: 'git-hub', vault }), moved: vault.moved() };
}
const program = (args: string[], env: Record<string, string> = {}) => ({ command: 'npx', args, env });
const remote = (url: string, headers: Record<string, string> = {}) => ({ type: 'http' as const, url, headers });

describe('a secret in the entry of a client', () => {
  test.each([
    [program([], { GIT_HUB_TOKEN: 'canary' })],
    [program([], { BRAVE_KEY: 'canary-0815' })],
    [program([], { OTHER: 'sk-canary1234567890abcdef' })],
    [program([], { DB: 'postgres://me:canary@db/x' })],
    [program([], { DB: 'postgres://me:cana/ry@db/canary@x' })],
    [program([], { HEADERS: '{"Authorization":"Bearer canary-1","X-Api-Key": "canary-2"}' })],
    [program(['--api-key', 'canary'])],
    [program(['--api-key=canary&canary;canary'])],
    [program(['-e', 'API_TOKEN=canary canary'])],
    [program(['--header', 'Authorization: Bearer canary-long'])],
    [program(['-c', 'TOKEN=canary exec npx server'])],
    [remote('https://h/mcp?x=1&api_key=canary')],
    [remote('https://me:canary@h/mcp')],
    [remote('https://h/s/canary0123456789abcdef/mcp')],
    [remote('https://h/mcp', { Authorization: 'Bearer canary-1234' })],
    [remote('https://h/mcp', { 'X-Whatever': 'canary-1234' })],
  ])('is not in what is left of it, and comes back from the file of variables: %#', (launch) => {
    const { launch: left, moved } = move(launch);
    expect(JSON.stringify(left)).not.toContain('canary');
    const have = parseEnv(renderEnvLines(moved, []).text);
    const whole = JSON.stringify(left).replaceAll(/\$\{(\w+)\}/g, (_, name: string) =>
      JSON.stringify(have[name]).slice(1, -1),
    );
    // Of a user in the address a header says the same.
    if (!JSON.stringify(launch).includes('me:canary@h/')) expect(JSON.parse(whole)).toEqual(launch);
    else expect(JSON.parse(whole).headers.Authorization).toBe(`Basic ${Buffer.from('me:canary').toString('base64')}`);
  });

  test.each([
    [program(['-y', '@modelcontextprotocol/server-filesystem@2026.8.31', '/home/ann/docs'])],
    [program(['run', '-i', 'mcp/git@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'])],
    [program(['--token', '${TOKEN}'], { TOKEN: '${TOKEN}', MAX_TOKENS: '4096', AUTH: 'true' })],
    [program([], { TOKEN_FILE: '/home/ann/token.json', LOG_LEVEL: 'debug', API_URL: 'https://api.example.com/v1' })],
    [remote('https://mcp.example.com/mcp', { Accept: 'application/json', 'X-Region': 'eu' })],
  ])('is not seen where there is none: %#', (launch) => {
    expect(move(launch)).toEqual({ launch, moved: [] });
  });

  test('gets a name that nothing else has: the environment would win over the file', () => {
    const launch = program([], { TOKEN: 'canary' });
    expect(move(launch).launch).toMatchObject({ env: { TOKEN: '${GIT_HUB_TOKEN}' } });
    expect(move(launch, { GIT_HUB_TOKEN: 'other' }).launch).toMatchObject({ env: { TOKEN: '${GIT_HUB_TOKEN_2}' } });
  });

  test.each([`a'b`, 'a"b', 'a b#c', ' a ', 'a\nb', '$x\\n', 'a`b'])(
    'is written so that it is read as it was: %j',
    (value) => {
      expect(parseEnv(renderEnvLines([{ variable: 'A', value }], []).text)).toEqual({ A: value });
    },
  );

  test('that no line can hold is named, and not written wrongly', () => {
    const value = `'"\``;
    expect(renderEnvLines([{ variable: 'A', value: `${value}\n${value}` }], [])).toEqual({
      text: '',
      unwritable: ['A'],
    });
  });
});
