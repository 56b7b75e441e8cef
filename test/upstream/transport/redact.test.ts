import { expect, test } from 'vitest';
import { createRedactor, secretsOf } from '../../../src/upstream/transport/redact.ts';

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
  expect(redactCut(`login failed for ${'x'.repeat(20)} ghp_SECRE`)).toBe(`login failed for ${'x'.repeat(16)}`);
  expect(createRedactor([]).redactCut('all of it')).toBe('all of it');
});

test('credentials in headers are secrets, with and without their scheme, as is what came by variables', () => {
  const { redact } = createRedactor(secretsOf({ headers: { Authorization: 'Bearer abc-123-def' } }, ['sk-0123']));
  expect(redact('abc-123-def refused, Bearer abc-123-def refused; key sk-0123')).toBe(
    '••• refused, ••• refused; key •••',
  );
});
