import { expect, test } from 'vitest';
import { buildCatalog } from '../../../src/catalog/build-catalog.ts';
import { findTool } from '../../../src/catalog/find-tool.ts';
import { presentTool } from '../../../src/catalog/present/present-tool.ts';
import type { Tool } from '../../../src/core/tool.ts';
import { makePolicy } from '../../policy/make-policy.ts';

const long = 'Says what it is for. '.repeat(10).trim();
const tool: Tool = {
  name: 'write_the_name_of_everything_that_there_is_to_name',
  description: long,
  inputSchema: {
    type: 'object',
    properties: {
      description: { type: 'string', description: long, default: long, examples: [{ description: long }] },
      items: { type: 'array', items: { anyOf: [{ type: 'object', description: long }] } },
      kind: { enum: [long] },
    },
  },
  outputSchema: { type: 'object', description: long },
};

function entryOf(name = tool.name) {
  const catalog = buildCatalog([{ server: 'files', policy: makePolicy({}), tools: [{ ...tool, name }] }], {
    naming: 'prefixed',
  });
  const [entry] = catalog.entries;
  return { catalog, entry: entry! };
}

test('all descriptions of a tool are trimmed, and no value of its schemas is', () => {
  const { entry } = entryOf();
  const short = 'Says what it is for. Says what it is for. Says what it is for.…';
  expect(presentTool(entry.listed, entry, { maxDescriptionChars: 80 })).toMatchObject({
    description: short,
    inputSchema: {
      properties: {
        description: { description: short, default: long, examples: [{ description: long }] },
        items: { items: { anyOf: [{ description: short }] } },
        kind: { enum: [long] },
      },
    },
    outputSchema: { description: short },
  });
  expect(entry.tool).toEqual(tool);
});

test('the same tool is the same object every time that it is listed', () => {
  const { entry } = entryOf();
  const wanted = { maxDescriptionChars: 80, maxNameChars: 40 };
  expect(presentTool(entry.listed, entry, wanted)).toBe(presentTool(entry.listed, entry, { ...wanted }));
  expect(presentTool(entry.listed, entry, {})).toBe(entry.listed);
  expect(presentTool(entry.listed, entry, { maxNameChars: 64 })).toBe(entry.listed);
});

test('a name cut for a client means the tool, whatever its length, and ends in the same hash', () => {
  const { catalog, entry } = entryOf();
  const names = [50, 51, 52, 53].map((maxNameChars) => presentTool(entry.listed, entry, { maxNameChars }).name);
  expect(new Set(names.map((name) => name.slice(-9))).size).toBe(1);
  for (const name of names) expect(findTool(catalog, name)).toEqual({ kind: 'found', entry });
});

test('a name that was cut to 64 characters before is cut again without a piece of its hash', () => {
  const { catalog, entry } = entryOf('write_'.repeat(20));
  expect(entry.exposedName).toHaveLength(64);
  const { name } = presentTool(entry.listed, entry, { maxNameChars: 52 });
  expect(name).toBe(`files__${'write_'.repeat(6)}_${entry.exposedName.slice(-8)}`);
  expect(findTool(catalog, name)).toEqual({ kind: 'found', entry });
});
