import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxArgumentDepth, measureValue } from '../../../src/batch/input/measure-value.ts';
import { deepArray } from '../references/results.ts';

test('a value is about as long as its JSON: never shorter, and longer by a comma and a quote or two for each part', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const { chars, isTooDeep } = measureValue(value, { most: Infinity });
      const plain = JSON.stringify(value)
        .replaceAll(/\\u[0-9a-f]{4}/g, 'x')
        .replaceAll(/\\./g, 'x');
      expect(isTooDeep).toBe(false);
      expect(chars).toBeGreaterThanOrEqual(plain.length);
      expect(chars).toBeLessThanOrEqual(plain.length * 2 + 2);
    }),
  );
});

test('no more is counted than is asked for', () => {
  const value = Array.from({ length: 1_000 }, () => 'y'.repeat(100));
  const { chars } = measureValue(value, { most: 2_000 });
  expect(chars).toBeGreaterThan(2_000);
  expect(chars).toBeLessThan(2_200);
});

test('what is nested deeper than arguments may be is told, wherever it is to stand', () => {
  const deepest = deepArray(maxArgumentDepth);
  expect(measureValue(deepest, { most: Infinity }).isTooDeep).toBe(false);
  expect(measureValue([deepest], { most: Infinity }).isTooDeep).toBe(true);
  expect(measureValue(deepest, { depth: 1, most: Infinity }).isTooDeep).toBe(true);
  expect(measureValue(deepArray(1_000_000), { most: Infinity }).isTooDeep).toBe(true);
});
