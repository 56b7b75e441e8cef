import { expect, test } from 'vitest';
import { parseSource } from '../../../src/config/source/parse-source.ts';
import type { Source } from '../../../src/config/source/source.ts';
import { findClearSecrets } from '../../../src/cli/doctor/written/find-clear-secrets.ts';
import { findVariables } from '../../../src/cli/doctor/written/find-variables.ts';

function sourceOf(servers: object): Source {
  return parseSource(JSON.stringify({ version: 1, servers }), 'marshal.yaml').source!;
}

test('variables that have to be set are those without a default, each once, of servers that are switched on', () => {
  const source = sourceOf({
    a: { command: '${CMD:-node}', args: ['${ROOT}', '$${NOT_ONE}'], env: { KEY: '${env:KEY} ${ROOT}' } },
    b: { url: 'https://${HOST}/', headers: { A: '${file:token}' }, policy: '${NOT_HERE}' },
    c: { command: '${OFF}', enabled: false },
  });
  expect(findVariables(source).map(({ name, server }) => `${server} ${name}`)).toEqual(['a ROOT', 'a KEY', 'b HOST']);
});

test.each([
  [{ env: { API_KEY: 'k-123456' } }, ['env.API_KEY', 'API_KEY']],
  [{ env: { PGURL: 'postgres://ann:sesame@db/x' } }, ['env.PGURL', 'PGURL']],
  [{ headers: { Authorization: 'Bearer abcdefgh1234' } }, ['headers.Authorization', 'IT_TOKEN']],
  [{ args: ['--api-key', 'k-123456'] }, ['args', 'API_KEY']],
  [{ args: ['--api-key=k-123456'] }, ['args', 'API_KEY']],
  [{ args: ['ghp_abcdefghijklmnopqrstuvwxyz012345'] }, ['args', 'IT_TOKEN']],
  [{ url: 'https://example.com/mcp?token=k-123456' }, ['url', 'IT_TOKEN']],
  [{ auth: { type: 'oauth', clientId: 'public', clientSecret: 'k-123456' } }, ['auth.clientSecret', 'CLIENTSECRET']],
])('a secret in clear is found, and named: %j', (entry, [key, variable]) => {
  expect(findClearSecrets(sourceOf({ it: entry }))).toMatchObject([{ server: 'it', key, variable }]);
});

test.each([
  { env: { API_KEY: '${API_KEY}', LOG_LEVEL: 'warning', MAX_TOKENS: '128000', TOKEN_FILE: '/run/secrets/token' } },
  { headers: { Authorization: 'Bearer ${TOKEN}', 'X-Client': 'mcp-marshal' } },
  { args: ['--token', '${TOKEN}', '--token-file', '/run/token', '--no-auth', '--verbose'] },
  { url: 'https://example.com/mcp?toolsets=issues' },
  { auth: { type: 'oauth', clientId: 'public-client' } },
])('what is no secret, or does not stand there, is not: %j', (entry) => {
  expect(findClearSecrets(sourceOf({ it: entry }))).toEqual([]);
});
