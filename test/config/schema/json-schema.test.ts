import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { isJsonObject } from '../../../src/core/json.ts';
import { configJsonSchema, policyJsonSchema } from '../../../src/config/schema/json-schema.ts';
import { parseSource } from '../../../src/config/source/parse-source.ts';

const folder = new URL('../../../config/', import.meta.url);
const read = (file: string): Promise<string> => readFile(new URL(file, folder), 'utf8');
const schemas = { 'schema.json': configJsonSchema, 'policy.schema.json': policyJsonSchema };

test.each(Object.entries(schemas))(
  'config/%s is what the program accepts (npm run schema renews it)',
  async (file, schema) => {
    expect(await read(file)).toBe(`${JSON.stringify(schema(), null, 2)}\n`);
  },
);

test.each(Object.entries(schemas))('config/%s has a title, and help for every key at the top', (_, schema) => {
  const { $schema, title, properties } = schema();
  expect($schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(title).toMatch(/^mcp-marshal /);
  const helpless = Object.entries(properties ?? {}).filter(
    ([, of]) => !isJsonObject(of) || of['description'] === undefined,
  );
  expect(helpless.map(([key]) => key)).toEqual([]);
});

describe('an editor that uses them', () => {
  const isConfig = compile(configJsonSchema());
  const isPolicy = compile(policyJsonSchema());

  test.each(['examples/minimal.yaml', 'examples/full.yaml'])('accepts %s', async (file) => {
    expect(isConfig(parseSource(await read(file), file).source?.value)).toBe(true);
  });

  test('accepts the policy of the full example', async () => {
    const file = 'examples/policies/files.yaml';
    expect(isPolicy(parseSource(await read(file), file).source?.value)).toBe(true);
  });

  test.each([
    [{}],
    [{ version: 1 }],
    [{ version: 1, servers: {}, mcpServers: {} }],
    [{ version: 1, servers: { a__b: { command: 'x' } } }],
    [{ version: 1, servers: { a: {} } }],
    [{ version: 1, servers: { a: { command: 'x', url: 'https://x.example' } } }],
    [{ version: 1, servers: { a: { command: 'x', timeout: 30 } } }],
    [{ version: 1, servers: {}, surface: 'all' }],
    [{ version: 1, servers: {}, recipes: { a: { description: 'b' } } }],
  ])('marks %j as wrong, like the program', (value) => {
    expect(isConfig(value)).toBe(false);
  });

  test('marks a mistaken policy as wrong', () => {
    expect(isPolicy({ version: 1, read: 'get_*' })).toBe(false);
    expect(isPolicy({ version: 1, limits: { rate: '80' } })).toBe(false);
  });
});

function compile(schema: object): (value: unknown) => boolean {
  const validate = new Ajv2020({ strict: false }).compile(schema);
  return (value) => validate(value);
}
