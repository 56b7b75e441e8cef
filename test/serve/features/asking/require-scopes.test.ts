import { expect, test } from 'vitest';
import { requireScopes } from '../../../../src/serve/features/asking/require-scopes.ts';
import type { ToolClass } from '../../../../src/core/tool.ts';

const allows = (method: string, scopes?: readonly ToolClass[]): boolean => {
  try {
    requireScopes({ method, ...(scopes && { scopes: new Set(scopes) }) });
    return true;
  } catch {
    return false;
  }
};

test.each([
  ['resources/read', [], false],
  ['resources/read', ['read'], true],
  ['resources/read', ['write', 'destructive'], false],
  ['resources/subscribe', ['write'], false],
  ['prompts/get', ['read'], true],
  ['completion/complete', [], false],
  ['tools/list', [], true],
  ['tasks/get', [], true],
  // Nobody can tell what it does.
  ['vendor/method', ['read', 'write'], false],
  ['vendor/method', ['read', 'write', 'destructive'], true],
  ['resources/delete', ['read'], false],
] as const)('[scopes] %s with the scopes %j: %s', (method, scopes, expected) => {
  expect(allows(method, scopes)).toBe(expected);
});

test('who needs no credentials may ask anything', () => {
  expect(allows('vendor/method')).toBe(true);
});

test('the error names the scope that is missing', () => {
  const ask = (): void => requireScopes({ method: 'resources/read', scopes: new Set() });
  expect(ask).toThrow('denied_by_policy: resources/read needs the scope read');
});
