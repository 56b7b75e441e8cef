import { expect, test } from 'vitest';
import { createRedactor, quotableSecretsOf, secretsOf } from '../../../src/upstream/transport/redact.ts';

test('what a server prints of its configured environment is blanked out, but for words too short to be secret', () => {
  const { redact } = createRedactor(['ghp_SECRET1234', 'ghp_SECRET', 'warn']);
  expect(redact('cannot authenticate with ghp_SECRET1234 (level warn), prefix ghp_SECRET')).toBe(
    'cannot authenticate with ••• (level warn), prefix •••',
  );
});

test('a secret of several lines is blanked out line by line, as servers print it', () => {
  const { redact } = createRedactor(['-----BEGIN KEY-----\r\nMIIEvQIBADANBgkq\n-----END KEY-----\n']);
  expect(redact('MIIEvQIBADANBgkq')).toBe('•••');
  expect(redact('the key -----BEGIN KEY----- | MIIEvQIBADANBgkq | -----END KEY-----')).toBe('the key ••• | ••• | •••');
});

test('of text that was cut nothing is left that a secret could have begun with', () => {
  const { redactCut } = createRedactor(['ghp_SECRET1234']);
  expect(redactCut(`login failed for ${'x'.repeat(20)} ghp_SECRE`)).toMatch(/^login failed for x+$/);
  expect(createRedactor([]).redactCut('all of it')).toBe('all of it');
});

test('credentials in headers are secrets, with and without their scheme, as is what came by variables', () => {
  const { redact } = createRedactor(secretsOf({ headers: { Authorization: 'Bearer abc-123-def' } }, ['sk-0123']));
  expect(redact('abc-123-def refused, Bearer abc-123-def refused; key sk-0123')).toBe(
    '••• refused, ••• refused; key •••',
  );
});

test.each([
  ['quoted in JSON', (secret: string) => JSON.stringify({ secret })],
  ['quoted twice', (secret: string) => JSON.stringify(JSON.stringify({ secret }))],
  ['in a URL', (secret: string) => `?key=${encodeURIComponent(secret)}&x`],
  ['in a form', (secret: string) => new URLSearchParams({ secret }).toString()],
  ['in base64', (secret: string) => Buffer.from(secret).toString('base64')],
  ['in base64 behind a name', (secret: string) => Buffer.from(`user:${secret}`).toString('base64')],
  ['in base64 between others', (secret: string) => Buffer.from(`ab${secret}cd`).toString('base64url')],
])('a secret is blanked out %s', (_, write) => {
  const secret = 'pa"ss\\word eleven+glacier/ü?>>';
  const shown = createRedactor([secret]).redact(write(secret));
  expect(shown).toContain('•••');
  expect(shown).not.toMatch(/glacier|Z2xhY2llc|nbGFjaWVy|bGFjaWVy/);
});

test('in an error for clients a folder or a project of the environment stays, what is named as a secret does not', () => {
  const { redact } = createRedactor(
    quotableSecretsOf({ env: { PROJECT: 'my-project', API_KEY: 'written-out' }, headers: { X: 'Bearer abc-123' } }, [
      'from-var',
    ]),
  );
  expect(redact('no my-project for written-out, abc-123, from-var')).toBe('no my-project for •••, •••, •••');
});
