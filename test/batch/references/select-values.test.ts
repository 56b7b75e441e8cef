import { describe, expect, test } from 'vitest';
import { parseSelect, selectValues } from '../../../src/batch/references/select-values.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { listing, nodes, tree } from './results.ts';

function select(result: JsonObject, fields: JsonObject): ReturnType<typeof selectValues> {
  const parsed = parseSelect(fields);
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  return selectValues(result, parsed.select);
}

function problemsOf(value: unknown): readonly string[] {
  const parsed = parseSelect(value);
  return parsed.ok ? [] : parsed.problems;
}

describe('only what was asked for is left', () => {
  test('under the names that were given', () => {
    expect(select(nodes, { names: '/entities/*/name', first: '/relations/0' })).toEqual({
      selected: { names: ['Ada', 'Engine'], first: { from: 'Ada', to: 'Engine', relationType: 'programmed' } },
      missing: [],
    });
    expect(select(tree, { names: '/*/name' }).selected).toEqual({ names: ['docs', 'notes.md'] });
    expect(select(listing, { all: '' }).selected).toEqual({ all: '[DIR] docs\n[FILE] notes.md\n\n[FILE] plan.md' });
  });

  test('what is not there is null, with the reason', () => {
    expect(select(nodes, { people: '/people', names: '/entities/0/name' })).toEqual({
      selected: { people: null, names: 'Ada' },
      missing: ['people: the result has no "/people"; there are "entities", "relations" at the top'],
    });
  });

  test('a name may be any, even one that every object has', () => {
    const fields: JsonObject = JSON.parse('{"__proto__":"/entities","constructor":"/constructor"}');
    const { selected, missing } = select(nodes, fields);
    expect(Object.keys(selected)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(selected)).toBe(Object.prototype);
    expect(selected['constructor']).toBeNull();
    expect(missing).toHaveLength(1);
  });
});

describe('a select that is none says what to write', () => {
  test.each<[unknown, readonly string[]]>([
    [['/a'], ['found an array; write { "name": "/pointer" }']],
    ['/a', ['found "/a"; write { "name": "/pointer" }']],
    [{}, ['it names nothing; leave it out for the whole result']],
    [
      { a: 'b', c: 1, d: '/d' },
      [
        '"a": "b" must begin with "/"; write "/b"',
        '"c": found 1; write a JSON Pointer, a string such as "/items/0/name"',
      ],
    ],
    [{ '': '/a' }, ['"" is not a name; write 1 to 64 characters']],
  ])('%j', (value, expected) => {
    expect(problemsOf(value)).toEqual(expected);
  });

  test('it has at most 32 names, of at most 64 characters', () => {
    const names = (count: number): JsonObject =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, '']));
    expect(problemsOf(names(32))).toEqual([]);
    expect(problemsOf(names(33))).toEqual(['33 names, and the most is 32; select what holds them']);
    expect(problemsOf({ ['n'.repeat(64)]: '' })).toEqual([]);
    expect(problemsOf({ ['n'.repeat(65)]: '' })[0]).toContain('is not a name');
  });
});
