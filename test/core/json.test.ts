import { expect, test } from 'vitest';
import { canonicalJson, isTooDeep, maxDepth } from '../../src/core/json.ts';

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

test('values nested up to the limit pass, deeper ones do not, however deep', () => {
  expect(isTooDeep(nested(maxDepth))).toBe(false);
  expect(isTooDeep(nested(maxDepth + 1))).toBe(true);
  expect(isTooDeep(nested(200_000))).toBe(true);
});

test.each([undefined, null, 5, 'text', [], {}, { a: [1, { b: null }] }])('%j is not deep', (value) => {
  expect(isTooDeep(value)).toBe(false);
});

test('equal values have one text, whatever the order of their keys; unequal ones have another', () => {
  const one = { b: [1, { d: null, c: 'x' }], a: undefined, __proto: true };
  expect(canonicalJson(one)).toBe('{"__proto":true,"b":[1,{"c":"x","d":null}]}');
  expect(canonicalJson({ __proto: true, b: [1, { c: 'x', d: null }] })).toBe(canonicalJson(one));
  expect(canonicalJson({ a: '1' })).not.toBe(canonicalJson({ a: 1 }));
  expect(canonicalJson({ 'a":1,"b': 2 })).not.toBe(canonicalJson({ a: 1, b: 2 }));
  expect(canonicalJson([[1], 2])).not.toBe(canonicalJson([1, [2]]));
});
