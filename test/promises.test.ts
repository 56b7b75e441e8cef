import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { promises } from './promises.ts';

const tests = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.test.ts'),
);
const titles = tests.map((path) => readFileSync(`${import.meta.dirname}/${path}`, 'utf8')).join('\n');
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test.each(Object.entries(promises))('the README makes the promise "%s", and a test proves it', (key, promise) => {
  expect(readme).toContain(promise);
  expect(titles).toContain(`[${key}]`);
});

test('no test cites a promise that is not made', () => {
  const cited = [...titles.matchAll(/(?:test|it)(?:\.each\(.*\))?\(\s*['"`]\[([a-z-]+)\]/g)].map(([, key]) => key);
  expect(cited.length).toBeGreaterThan(0);
  for (const key of cited) expect(Object.keys(promises)).toContain(key);
});
