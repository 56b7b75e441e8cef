import { expect, test } from 'vitest';
import { createRedactor } from '../../../src/upstream/transport/redact.ts';

test('what a server prints of its configured environment is blanked out, but for words too short to be secret', () => {
  const redact = createRedactor({ TOKEN: 'ghp_SECRET1234', PREFIX: 'ghp_SECRET', LEVEL: 'warn' });
  expect(redact('cannot authenticate with ghp_SECRET1234 (level warn), prefix ghp_SECRET')).toBe(
    'cannot authenticate with ••• (level warn), prefix •••',
  );
});
