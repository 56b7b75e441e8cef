import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { configJsonSchema, policyJsonSchema } from '../../src/config/schema/json-schema.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { parseSource } from '../../src/config/source/parse-source.ts';

const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
const example = (file: string): ReturnType<typeof loadConfig> =>
  loadConfig({ file: `config/examples/${file}`, cwd: root, env: { HOME: '/home/ann' } });

test.each(['minimal.yaml', 'full.yaml', 'mcp.json'])('the example %s loads without a warning', async (file) => {
  const config = await example(file);
  expect(config.servers.length).toBeGreaterThan(0);
  expect(config.warnings).toEqual([]);
});

test('the normal form of the full example stays what it is', async () => {
  const config = await example('full.yaml');
  const stable = JSON.stringify(config, null, 2)
    .replaceAll(root, '/package')
    // Depends on the system that the test runs on.
    .replaceAll(/"foldCase": (?:true|false)/g, '"foldCase": "by system"');
  await expect(`${stable}\n`).toMatchFileSnapshot('../golden/config/full.json');
});

test('outside servers, the full example holds the defaults', async () => {
  const [full, minimal] = [await example('full.yaml'), await example('minimal.yaml')];
  const { batch, journal, limits, maxParallel, surface, naming, log, stateDir } = minimal;
  expect(full).toMatchObject({ batch, journal, limits, maxParallel, surface, naming, log, stateDir });
});

test.each(['full.yaml', 'policies/files.yaml'])('the example %s shows every key that its schema has', async (file) => {
  const text = await readFile(`${root}/config/examples/${file}`, 'utf8');
  const { properties } = file === 'full.yaml' ? configJsonSchema() : policyJsonSchema();
  const keys = Object.keys(properties ?? {}).filter((key) => key !== '$schema');
  const { source } = parseSource(text, file);
  // `mcpServers` is another name of `servers`.
  expect(Object.keys(source?.value ?? {}).sort()).toEqual(keys.filter((key) => key !== 'mcpServers').sort());
  // Where the default is nothing, in a comment.
  const inside = Object.entries(properties ?? {}).filter(([key]) => key !== 'recipes');
  const missing = inside
    .flatMap(([, schema]) => keysIn(schema))
    .filter((key) => !new RegExp(`\\b${key}[:\`]`).test(text));
  expect(missing).toEqual([]);
});

/** The names of all properties in a schema, at any depth. */
function keysIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema ? Object.keys(schema.properties ?? {}) : [];
  return [...own, ...Object.values(schema).flatMap(keysIn)];
}
