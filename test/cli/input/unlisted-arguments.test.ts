import { expect, test } from 'vitest';
import { findUnlisted } from '../../../src/cli/input/unlisted-arguments.ts';

const properties = { query: { type: 'string' }, limit: { type: 'number' } };

test('says which argument a tool does not list, with the name that was perhaps meant or else all of them', () => {
  expect(findUnlisted({ qery: 'x', limit: 1, zzz: 2 }, { type: 'object', properties })).toEqual([
    '"qery" is no argument that this tool lists; did you mean "query"?',
    '"zzz" is no argument that this tool lists; its arguments: (query?: string, limit?: number)',
  ]);
});

test.each([
  { schema: { type: 'object' } },
  { schema: { properties, additionalProperties: true } },
  { schema: { properties, additionalProperties: false } },
  { schema: { properties, patternProperties: { '^x-': {} } } },
  { schema: { properties, anyOf: [{ properties: { qery: {} } }] } },
])('says nothing where the schema leaves it open, or the engine judges: $schema', ({ schema }) => {
  expect(findUnlisted({ qery: 'x' }, schema)).toEqual([]);
});

test('is not misled by names that every object has', () => {
  expect(findUnlisted({ constructor: 1 }, { properties })).toHaveLength(1);
});
