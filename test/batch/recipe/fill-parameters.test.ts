import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findMissing } from '../../../src/batch/recipe/find-parameters.ts';
import { fillParameters } from '../../../src/batch/recipe/fill-parameters.ts';
import { parseBatch } from '../../../src/batch/request/parse-batch.ts';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { settings } from '../tiny-catalog.ts';

/** What would be sent for a call with these arguments: filled, then parsed as any batch is. */
function sent(args: JsonObject, given: JsonObject): JsonObject | string {
  const parsed = parseBatch({ calls: fillParameters([{ tool: 'a__b', arguments: args }], given) }, settings);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const [call] = parsed.request.calls;
  return call!.problem?.message ?? call!.arguments;
}

describe('a parameter stands for an argument of the recipe', () => {
  test.each([
    ['a number', { n: { $param: '/number' } }, { n: 7 }],
    ['false', { n: { $param: '/flag' } }, { n: false }],
    ['null', { n: { $param: '/nothing' } }, { n: null }],
    ['an object', { n: { $param: '/who' } }, { n: { name: 'Ann', tags: ['a', 'b'] } }],
    ['a field inside', { n: { $param: '/who/name' } }, { n: 'Ann' }],
    ['an element', { n: { $param: '/who/tags/1' } }, { n: 'b' }],
    ['deep inside the arguments', { a: [{ b: { $param: '/number' } }] }, { a: [{ b: 7 }] }],
    ['a part of a text', { a: { $concat: ['n', { $param: '/number' }, '.md'] } }, { a: 'n7.md' }],
    ['a list of texts as a part', { a: { $concat: ['x', { $param: '/who/tags' }] } }, { a: 'xab' }],
    ['all the arguments', { $param: '/who' }, { name: 'Ann', tags: ['a', 'b'] }],
    ['nothing inside $literal', { a: { $literal: { $param: '/number' } } }, { a: { $param: '/number' } }],
  ])('%s, with its type', (_, args: JsonObject, expected) => {
    const given = { number: 7, flag: false, nothing: null, who: { name: 'Ann', tags: ['a', 'b'] } };
    expect(sent(args, given)).toEqual(expected);
  });

  test('the calls of the recipe stay as they are', () => {
    const calls = [{ tool: 'a__b', arguments: { a: [{ $param: '/x' }] } }];
    const before = structuredClone(calls);
    fillParameters(calls, { x: 1 });
    expect(calls).toEqual(before);
  });
});

describe('an argument that was not given', () => {
  test.each([
    ['gives the default that stands with it', { n: { $param: '/x', default: [1] } }, { n: [1] }],
    ['leaves its key out', { n: { $param: '/x' }, m: 1 }, { m: 1 }],
    ['leaves its element out', { n: [1, { $param: '/x' }, 2] }, { n: [1, 2] }],
    ['is empty text in $concat', { n: { $concat: ['a', { $param: '/x' }, 'b'] } }, { n: 'ab' }],
    ['leaves the arguments out', { $param: '/x' }, {}],
    ['is not there below one that is', { n: { $param: '/who/age' } }, {}],
  ])('%s', (_, args: JsonObject, expected) => {
    expect(sent(args, { who: { name: 'Ann' } })).toEqual(expected);
  });

  test('a default that looks like a reference is a value', () => {
    expect(sent({ n: { $param: '/x', default: { $result: 'c0' } } }, {})).toEqual({ n: { $result: 'c0' } });
  });
});

describe('the default of a reference', () => {
  const fill = (fallback: JsonValue, given: JsonObject): JsonObject[] =>
    fillParameters([{ tool: 'a__b', arguments: { n: { $result: 'c0', default: fallback } } }], given);

  test('may be a parameter, and is its bare value', () => {
    expect(fill({ $param: '/x' }, { x: { $result: 'c9' } })).toMatchObject([
      { arguments: { n: { $result: 'c0', default: { $result: 'c9' } } } },
    ]);
    expect(fill([{ $param: '/x' }], { x: 1 })).toMatchObject([{ arguments: { n: { default: [1] } } }]);
  });

  test('is none where the parameter is not given', () => {
    expect(fill({ $param: '/x' }, {})).toEqual([{ tool: 'a__b', arguments: { n: { $result: 'c0' } } }]);
  });
});

describe('a value is never looked at', () => {
  test.each([
    { $result: 'c0' },
    { $item: '' },
    { $concat: ['a', 'b'] },
    { $literal: 1 },
    { $param: '/other' },
    { deep: [{ $result: 'c0', path: '/x' }] },
    { deep: ['$result.c0.a'] },
    { $litral: 5 },
  ])('%j stays what it is', (x) => {
    const given = { x, other: 'secret' };
    expect(sent({ a: { $param: '/x' } }, given)).toEqual({ a: x });
    expect(sent({ a: { b: [{ $param: '/x' }] } }, given)).toEqual({ a: { b: [x] } });
    expect(sent({ $param: '/x' }, given)).toEqual(x);
  });

  test('a text that holds JSON is no object of arguments', () => {
    const args = { $param: '/x' };
    expect(sent(args, { x: '{"a":{"$result":"c0"}}' })).toMatch(/^the arguments would be a text/);
  });

  test('no object becomes a part of a text', () => {
    expect(sent({ a: { $concat: [{ $param: '/x' }] } }, { x: { $concat: ['a'] } })).toContain('is an object');
  });

  test('whatever the value is, it arrives as it was', () => {
    const key = fc.constantFrom(
      '$result',
      '$item',
      '$concat',
      '$literal',
      '$param',
      '$litral',
      'a',
      '__proto__',
      'default',
    );
    const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.oneof(fc.string(), fc.constant('$result.c0.a'), fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('value'), { maxLength: 3 }),
        fc
          .array(fc.tuple(key, tie('value')), { maxLength: 3 })
          .map((fields): JsonObject => JSON.parse(JSON.stringify(Object.fromEntries(fields)))),
      ),
    }));
    fc.assert(
      fc.property(value, (x) => {
        expect(sent({ a: [{ $param: '/x' }], b: { $param: '/x' } }, { x })).toEqual({ a: [x], b: x });
      }),
    );
  });
});

test('what a given parameter lacks inside is said, and not left out; what is not given at all is', () => {
  const calls = [{ tool: 'a__b', arguments: { all: { $param: '/list/*/name' }, limit: { $param: '/limit' } } }];
  expect(findMissing(calls, { list: [{ name: 'x' }] })).toEqual([]);
  expect(findMissing(calls, { list: [{ name: 'x' }, {}] })).toEqual([expect.stringContaining('/list/1/name')]);
  const withDefault = [{ tool: 'a__b', arguments: { all: { $param: '/list/*/name', default: [] } } }];
  expect(findMissing(withDefault, { list: [{}] })).toEqual([]);
});

test('the default of forEach takes parameters, too', () => {
  const forEach = { $result: 'c0', path: '/items', default: { $param: '/list' } };
  const [call] = fillParameters([{ tool: 'a__b', forEach, arguments: { path: { $item: '' } } }], { list: ['x'] });
  expect(call!['forEach']).toEqual({ $result: 'c0', path: '/items', default: ['x'] });
});

test('a parameter that is null is no text to join', () => {
  const [call] = fillParameters([{ tool: 'a__b', arguments: { text: { $concat: ['a', { $param: '/x' }] } } }], {
    x: null,
  });
  expect(call!['arguments']).toEqual({ text: { $concat: ['a', null] } });
});
