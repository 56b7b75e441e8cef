import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanReferences } from '../../../src/batch/references/scan-references.ts';
import type { ReferenceScan } from '../../../src/batch/references/scan-references.ts';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { deepArray } from './results.ts';

function scan(args: JsonObject): ReferenceScan {
  return scanReferences(args, { item: false });
}

const c0 = { $result: 'c0' };
const plain = { references: [], holes: [], isPlain: true, problems: [], usesItem: false, suspects: [] };

describe('what a call waits for is seen in its arguments', () => {
  test.each<[string, JsonObject, readonly string[], readonly string[]]>([
    ['a whole value', { path: c0 }, ['/path c0'], ['/path']],
    ['an element', { paths: ['a', c0] }, ['/paths/1 c0'], ['/paths/1']],
    ['a part of a string', { text: { $concat: ['a', c0, 'b'] } }, ['/text c0'], ['/text']],
    [
      'a part of a part',
      { text: { $concat: [{ $concat: [c0] }, { $result: 'c1' }] } },
      ['/text c0', '/text c1'],
      ['/text'],
    ],
    ['all arguments', { $result: 'c0' }, [' c0'], ['']],
    ['a key with a slash', { 'a/b': { '~': c0 } }, ['/a~1b/~0 c0'], ['/a~1b/~0']],
    ['a literal', { filter: { $literal: c0 } }, [], []],
    ['a literal in a string', { text: { $concat: ['a', { $literal: 'b' }] } }, [], []],
    ['a default', { path: { $result: 'c0', default: { $result: 'c1' } } }, ['/path c0'], ['/path']],
  ])('%s', (_, args, references, holes) => {
    const found = scan(args);
    expect(found.references.map(({ at, reference }) => `${at} ${reference.id}`)).toEqual(references);
    expect(found.holes).toEqual(holes);
    expect(found.isPlain).toBe(false);
    expect(found.problems).toEqual([]);
  });

  test('the element is a hole where there are elements, the parameter where there are parameters', () => {
    const args = { a: { $item: '/name' }, b: { $concat: [{ $param: '/repo' }, '/'] } };
    const found = scanReferences(args, { item: true, param: true });
    expect(found).toEqual({ ...plain, holes: ['/a', '/b'], isPlain: false, usesItem: true });
  });
});

test.each<JsonObject>([
  {},
  { path: 'a', lines: [1, null, true], nested: { $schema: 'x', $ref: '#/a' } },
  { text: '{"$result":"c0"}', $results: 'c0' },
])('nothing of ours is in %j', (args) => {
  expect(scan(args)).toMatchObject({ references: [], holes: [], isPlain: true, problems: [] });
});

test('what may have been meant as a reference is a suspect, with its place, wherever it would be sent', () => {
  const args = {
    a: ['x', '{{c0}}'],
    'b/c': '$c0',
    d: { $results: 'c0' },
    e: { $concat: ['${c0}', { $literal: '{{c0}}' }] },
    f: { $literal: { $ref: '{{c0}}' } },
    g: { $result: 'c0', default: '{{c0}}' },
    h: 'costs 5 $',
  };
  const { suspects, isPlain } = scan(args);
  expect(suspects).toEqual([
    { at: '/a/1', value: '{{c0}}' },
    { at: '/b~1c', value: '$c0' },
    { at: '/d', value: { $results: 'c0' } },
    { at: '/e/$concat/0', value: '${c0}' },
  ]);
  expect(isPlain).toBe(false);
  expect(scan({ a: '{{c0}}' })).toMatchObject({ isPlain: true, suspects: [{ at: '/a' }] });
});

describe('what is wrong is said with its place', () => {
  test.each<[JsonObject, string]>([
    [{ path: { $item: '' } }, '$item at /path: only a call with forEach has items'],
    [{ text: { $concat: ['a', { $item: '' }] } }, '$item at /text/$concat/1: only a call with forEach has items'],
    [{ path: { $param: '/x' } }, '$param at /path: only a recipe has parameters'],
    [
      { $result: 1 },
      '$result at the top of the arguments: $result: found 1; write the id of an earlier call, such as "c0"',
    ],
    [{ path: { $result: 'c0', path: 'x' } }, '$result at /path: path: "x" must begin with "/"; write "/x"'],
    [{ text: { $concat: 'a' } }, '$concat at /text: found "a"; write an array of the parts to be joined'],
    [
      { text: { $concat: ['a', {}] } },
      '$concat at /text: part /1 is an object; only strings, numbers and booleans can be joined',
    ],
    [
      { text: { $concat: [null] } },
      '$concat at /text: part /0 is null; only strings, numbers and booleans can be joined',
    ],
    [
      { text: { $concat: [['a', c0]] } },
      '$concat at /text: part /0 is an array in which /1 is an object; of arrays only those of strings can be joined',
    ],
    [
      { text: { $concat: [{ $literal: null }] } },
      '$concat at /text: part /0 is null; only strings, numbers and booleans can be joined',
    ],
    [
      { filter: { $literal: 1, x: 2 } },
      '$literal at /filter: "x" is not a field here; there are $literal; where the object is meant as it stands, write { "$literal": … } around it',
    ],
    [
      { filter: { $result: 'c0', $item: '' } },
      '$result at /filter: "$item" is not a field here; there are $result, path, view, default; where the object is meant as it stands, write { "$literal": … } around it',
    ],
  ])('%j', (args, expected) => {
    expect(scan(args).problems).toEqual([expected]);
  });

  test("an operator of the tool's own is not taken for ours", () => {
    const pipeline = [{ $project: { name: { $concat: ['$first', ' ', '$last'] } } }];
    expect(scan({ pipeline }).problems).toEqual([
      '$concat at /pipeline/0/$project/name: joins no result; if it is meant for the tool itself, write { "$literal": … } around it',
    ]);
    expect(scan({ price: { $concat: ['$', c0] } }).problems).toEqual([]);
  });

  test('all of it at once, but not thousands of lines', () => {
    expect(scan({ a: { $item: '' }, b: { $concat: [null, {}] } }).problems).toHaveLength(3);
    expect(scan({ list: Array.from({ length: 5_000 }, () => ({ $item: '' })) }).problems).toHaveLength(10);
  });

  test('arguments too deep are a problem, not a crash', () => {
    expect(scan({ deep: deepArray(100_000) }).problems).toEqual([
      'the arguments are nested deeper than 500 levels; flatten them',
    ]);
    let concat: JsonValue = 'a';
    for (let level = 0; level < 50_000; level++) concat = { $concat: [concat] };
    expect(scan({ concat }).problems.join()).toContain('deeper than 500 levels');
  });
});

test('no arguments make it throw', () => {
  const keys = fc.oneof(
    fc.constantFrom('$result', '$item', '$concat', '$literal', '$param', 'path', 'view', 'default', '__proto__'),
    fc.string(),
  );
  const { value } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.array(tie('value')),
      tie('object'),
    ),
    object: fc.dictionary(keys, tie('value'), { maxKeys: 3 }),
  }));
  fc.assert(
    fc.property(fc.dictionary(keys, value), fc.boolean(), (args, item) => {
      const found = scanReferences(args, { item });
      expect(found.isPlain ? found.holes.length + found.problems.length : 0).toBe(0);
    }),
  );
});
