import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ServerEntry } from '../../../src/clients/client.ts';
import { moveSecrets } from '../../../src/cli/init/secrets/move-secrets.ts';
import { textsOfLaunch } from '../../../src/cli/init/secrets/missing-variables.ts';
import { createVault } from '../../../src/cli/init/secrets/vault.ts';
import { renderEnvLines } from '../../../src/cli/init/secrets/render-env-file.ts';
import { cpuMs } from '../../cpu-ms.ts';

function move(launch: ServerEntry['launch'], environment: Record<string, string> = {}) {
  const vault = createVault(environment, textsOfLaunch(launch));
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
    [program(['-c', 'npx server --api-key "canary canary" --verbose'])],
    [{ command: 'npx server --token canary-1', args: [], env: {} }],
    [program(['--config', '{"password":"canary, \\"canary} canary","tokens":["canary-12345", "canary-6789"]}'])],
    [program(['--config', '"{\\"apiKey\\":\\"canary canary\\"}"'])],
    [program(['--header', 'X-Whatever: canary-1234'])],
    [program(['-k', 'canary1234'])],
    [program(['--user', 'me:canary'])],
    [program(['-pcanary12345', '-uroot', '-hlocalhost'])],
    [program(['-pMcanaryPassword', 'database'])],
    [program(['--dsn-of-x', 'root:canary@tcp(db:3306)/x'])],
    [program(['-uadmin:canary'])],
    [program(['-uroot', '-pcanary', 'database'])],
    [program(['--client-secret', 'canary', '--client-id', '11111111-2222-3333-4444-555555555555'])],
    [program(['--ssh-key', 'canary/KEY+made0by/chance'])],
    [program([], { PLAIN: 'canary-correct-horse-battery-staple' })],
    [
      program([], {
        PLAIN: 'sk-canary-0123456789',
        SESSION_ID: '1a2b3c4d-5e6f-4a7b-8c9d-0e1f2acanary',
        TOKEN_1: 'canary',
      }),
    ],
    [program(['--from', 'git+https://canarycanarycanary@example.com/x', 'server'])],
    [program([], { PROXY: 'me:canary@proxy.example.com:8080', PGPASS: 'canary-pg' })],
    [remote('https://h/mcp?x=1&api_key=canary')],
    [remote('https://me:canary@h/mcp')],
    [remote('https://h/s/canary0123456789abcdef/mcp')],
    [remote('https://h/hooks/canary-Xq7Zt2Wm9Lb5Rfaaa')],
    [remote('https://h/mcp?config=eyJcanarycanarycanary==')],
    [remote('https://h/mcp', { 'X-Key': 'canary' })],
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
    [
      program([
        '-y',
        'npm:some-server@1.2.3',
        '-port',
        '8080',
        '-transport',
        'stdio',
        '-p8080',
        'mcp/git:1.0@sha256:0a',
      ]),
    ],
    [program(['run', '-i', 'mcp/git@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'])],
    [program(['--token', '${TOKEN}'], { TOKEN: '${TOKEN}', MAX_TOKENS: '4096', AUTH: 'true' })],
    [program([], { TOKEN_FILE: '/home/ann/token.json', LOG_LEVEL: 'debug', API_URL: 'https://api.example.com/v1' })],
    [remote('https://mcp.example.com/mcp', { Accept: 'application/json', 'X-Region': 'eu' })],
    [
      program([
        '-p',
        'my-project-1234',
        '-p',
        'tsconfig2.json',
        '-p',
        '8080',
        '-pPORT',
        '-u',
        'jane.doe1984@example.com',
      ]),
    ],
    [program(['-y', '-p', 'context7mcp', '-p', 'server2@1.2.3', 'server2'])],
    [{ command: '/usr/bin/python3', args: ['-u', 'mcp_server_v2.py', '-t', 'table_2024'], env: {} }],
    [{ command: 'docker', args: ['run', '-i', '--user', 'node:node', '-u', '1000:1000', 'mcp/x'], env: {} }],
    [
      program([
        '--pass-through',
        'requests',
        '--no-auth',
        'server',
        '--no-password',
        '--auth-mode',
        'oauth-2-with-pkce',
      ]),
    ],
    [
      program([
        '--tokenizer',
        'cl100k_base',
        '--token-limit',
        '5000',
        '--sort-key',
        'created_at',
        '--auth',
        '--verbose',
      ]),
    ],
    [program(['--ssh-key', '~/.ssh/id_ed25519', '--key', '/home/ann/.ssh/id_rsa'])],
    [program(['--rev', '0123456789abcdef0123456789abcdef01234567', '--ref=0123456789abcdef0123456789abcdef01234567'])],
    [program(['postgresql://ann@localhost:5432/app'], { REDIS_URL: 'redis://localhost:6379/0' })],
    [
      program([], {
        MODEL: 'gpt-4o-mini-2024-07-18',
        NODE_OPTIONS: '--max-old-space-size=4096',
        AZURE_TENANT_ID: '11111111-2222-3333-4444-555555555555',
        ROLE_ARN: 'arn:aws:iam::123456789012:role/MyRole',
        DB_HOST: 'db-1.cluster-c9akciq32abc.us-east-1.rds.amazonaws.com',
        COLLECTION: 'my-knowledge-base-docs',
        GIT_COMMIT: '0123456789abcdef0123456789abcdef01234567',
        TOKEN_LIMIT: '5000',
      }),
    ],
  ])('is not seen where there is none: %#', (launch) => {
    expect(move(launch)).toEqual({ launch, moved: [] });
  });

  test('glued to a flag of one letter is not in what is said of it either', () => {
    const { launch, moved } = move(program(['-pMyPassword1canary', 'database']));
    expect(launch).toEqual(program(['-p${GIT_HUB_P}', 'database']));
    expect(moved).toEqual([{ variable: 'GIT_HUB_P', value: 'MyPassword1canary', of: 'git-hub: args' }]);
  });

  test.each([
    [
      ['-uroot', '-pcanary12345'],
      ['-uroot', '-p${GIT_HUB_P}'],
    ],
    [
      ['-pmysecretcanary', 'database'],
      ['-p${GIT_HUB_P}', '${GIT_HUB_ARGUMENT}'],
    ],
    [
      ['-token', 'canary'],
      ['-token', '${GIT_HUB_TOKEN}'],
    ],
    [
      ['--api-token2', 'canary'],
      ['--api-token2', '${GIT_HUB_API_TOKEN2}'],
    ],
    [
      ['-p2p-token', 'canary'],
      ['-p2p-token', '${GIT_HUB_P2P_TOKEN}'],
    ],
  ])('glued or not, is neither in the arguments nor in what is said of them: %j', (args, left) => {
    const { launch, moved } = move(program(args));
    expect(launch).toEqual(program(left));
    expect(JSON.stringify(moved.map(({ of, variable }) => of + variable))).not.toMatch(/canary/i);
  });

  test('before a command is taken out alone: what a shell runs stays to be seen', () => {
    const command = "PGPASSWORD=canary API_TOKEN='canary canary' npx server --port 80";
    const { launch } = move({ command: 'sh', args: ['-c', command], env: {} });
    expect(launch).toMatchObject({
      args: ['-c', "PGPASSWORD=${GIT_HUB_PGPASSWORD} API_TOKEN='${GIT_HUB_API_TOKEN}' npx server --port 80"],
    });
  });

  test.each([
    [program(['--token', '${TOKEN:-canary}'])],
    [program(['--token=${TOKEN:-canary}'])],
    [program(['${GITHUB_TOKEN:-canary}'])],
    [program(['${X:-sk-canary1234567890}'])],
    [program(['--config', '{"password":"${X:-canary}"}'])],
    [program([], { TOKEN: '${X:-canary}' })],
    [program([], { DB: '${env:DB_URL:-postgres://me:canary@db/x}' })],
    [remote('https://h/mcp?api_key=${X:-canary}')],
    [remote('https://h/mcp', { Authorization: 'Bearer ${X:-canary-1234}' })],
  ])('is not in the default of a variable; setting that variable still counts: %#', (launch) => {
    const { launch: left, moved } = move(launch);
    const variable = moved[0]!.variable;
    expect(moved).toHaveLength(1);
    expect(JSON.stringify(left)).not.toContain('canary');
    expect(JSON.stringify(launch)).toContain(`${variable}:-${moved[0]!.value}`);
    expect(JSON.stringify(left)).toContain(`\${${variable}}`);
  });

  test('is the whole of a text that nobody reads, and that is found out at once', () => {
    const started = cpuMs();
    const { launch, moved } = move(program(['a='.repeat(100_000)]));
    expect(cpuMs() - started).toBeLessThan(500);
    expect(launch).toMatchObject({ args: [expect.stringMatching(/^\$\{\w+\}$/)] });
    expect(moved).toHaveLength(1);
  });

  test('is a number of somebody alone in an address, and none where it is an argument', () => {
    const id = '12345678-1234-4321-abcd-abcdefabcdef';
    expect(move(remote(`https://h/s/${id}/mcp`)).launch).toEqual(remote('https://h/s/${GIT_HUB_URL_SECRET}/mcp'));
    expect(move(program(['--workspace', id])).moved).toEqual([]);
  });

  test('in a default of a variable that something else waits for is kept under another name', () => {
    const { launch } = move(program(['--token', '${X:-canary}'], { OTHER: '${X:-}', LEVEL: '${LEVEL:-debug}' }));
    expect(launch).toEqual(program(['--token', '${GIT_HUB_X}'], { OTHER: '${X:-}', LEVEL: '${LEVEL:-debug}' }));
  });

  test('is not given to a server that waits for a variable of the name that it would get', () => {
    const other = program([], { TOKEN: '${GIT_HUB_TOKEN:-}' });
    const vault = createVault({}, textsOfLaunch(other));
    const left = moveSecrets(program([], { TOKEN: 'canary' }), { server: 'git-hub', vault });
    expect(left).toMatchObject({ env: { TOKEN: '${GIT_HUB_TOKEN_2}' } });
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

  test.each(['"', "'", '`'])('that begins with %s does not swallow the lines behind it', (quote) => {
    const lines = [
      { variable: 'A', value: `${quote}canary` },
      { variable: 'B', value: `x${quote}y` },
    ];
    expect(parseEnv(renderEnvLines(lines, []).text)).toEqual({ A: `${quote}canary`, B: `x${quote}y` });
  });

  test('that no line can hold is named, and not written wrongly', () => {
    const value = `'"\``;
    expect(renderEnvLines([{ variable: 'A', value: `${value}\n${value}` }], [])).toEqual({
      text: '',
      unwritable: ['A'],
    });
  });
});
