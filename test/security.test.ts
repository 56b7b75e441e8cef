import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../', import.meta.url);
const page = readFileSync(new URL('docs/security.md', root), 'utf8');

/** The rows of the table of promises: what is promised, and its tests, each a file and words of its title. */
const rows = [...page.matchAll(/^\| (?<promise>[^|]+?) +\| (?<tests>[^|]*`test\/[^|]+?) +\|$/gm)].map(({ groups }) => ({
  promise: groups!['promise']!,
  tests: [...groups!['tests']!.matchAll(/`(?<file>test\/[^`]+)` “(?<words>[^”]+)”/g)].map((cited) => cited.groups!),
}));

test('docs/security.md promises something', () => {
  expect(rows.length).toBeGreaterThanOrEqual(15);
});

test.each(rows)('a test proves: $promise', ({ tests }) => {
  expect(tests.length).toBeGreaterThan(0);
  for (const { file, words } of tests) {
    // A title that is put together may break off where a value stands.
    const isThere = existsSync(new URL(file!, root));
    const text = isThere ? readFileSync(new URL(file!, root), 'utf8').replaceAll("\\'", "'") : 'there is no such file';
    expect({ file, found: text.includes(words!) ? words : text.slice(0, 100) }).toEqual({ file, found: words });
  }
});
