import { expect, test } from 'vitest';
import { findSecrets } from '../../../src/config/variables/find-secrets.ts';

test.each([
  ['DB_PWD', 'correcthorsebattery', true],
  ['SESSION_COOKIE', 'lowercaseletters', true],
  ['API_KEY', '/looks/like/a/path', true],
  ['PWD', '/home/me/project', false],
  ['MODE', 'production', false],
])('by its name %s may hold a secret such as %s: %s', (name, value, isSecret) => {
  const { variables, secrets } = findSecrets({ lookup: () => value, readFile: () => Promise.resolve({ text: '' }) });
  variables.lookup(name);
  expect([...secrets]).toEqual(isSecret ? [value] : []);
});
