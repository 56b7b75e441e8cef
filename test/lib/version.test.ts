import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packageVersion } from '../../src/lib/version.ts';

test('the version told to servers is the version of the package', () => {
  const { version }: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(packageVersion()).toBe(version);
});
