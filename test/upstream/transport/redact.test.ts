import { expect, test } from 'vitest';
import { createRedactor } from '../../../src/upstream/transport/redact.ts';

test('what a server prints of its configured environment is blanked out, but for words too short to be secret', () => {
  const redact = createRedactor({ TOKEN: 'ghp_SECRET1234', PREFIX: 'ghp_SECRET', LEVEL: 'warn' });
  expect(redact('cannot authenticate with ghp_SECRET1234 (level warn), prefix ghp_SECRET')).toBe(
    'cannot authenticate with ••• (level warn), prefix •••',
  );
});

test('a secret of several lines is blanked out line by line, as servers print it', () => {
  const redact = createRedactor({ KEY: '-----BEGIN KEY-----\r\nMIIEvQIBADANBgkq\n-----END KEY-----\n' });
  expect(redact('MIIEvQIBADANBgkq')).toBe('•••');
  expect(redact('the key -----BEGIN KEY----- | MIIEvQIBADANBgkq | -----END KEY-----')).toBe('the key ••• | ••• | •••');
});
