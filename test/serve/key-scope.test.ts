import { expect, test } from 'vitest';
import { keyScopeOf } from '../../src/serve/key-scope.ts';

test.each([
  ['stdio', { name: 'an-editor', version: '1' }, 'stdio/an-editor'],
  ['http', { name: 'an-editor' }, 'http/an-editor'],
  ['http', undefined, 'http/'],
  ['stdio', { name: 7 }, 'stdio/'],
  ['stdio', { name: 'x'.repeat(1_000) }, `stdio/${'x'.repeat(200)}`],
] as const)('over %s, %j shares its keys as %s', (transport, clientInfo, expected) => {
  expect(keyScopeOf(transport, clientInfo)).toBe(expected);
});
