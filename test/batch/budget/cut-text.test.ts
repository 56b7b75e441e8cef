import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutText } from '../../../src/batch/budget/cut-text.ts';

test('a text that fits is left alone', () => {
  expect(cutText('abc', 3)).toBe('abc');
  expect(cutText('', 0)).toBe('');
});

test('a cut falls on the end of a line, unless that would lose more than half', () => {
  expect(cutText('one\ntwo\nthree', 9)).toBe('one\ntwo');
  expect(cutText('one\ntwo', 3)).toBe('one');
  expect(cutText('a\nbcdefghijkl', 10)).toBe('a\nbcdefghi');
});

test('a cut never leaves half a character, and never more than was asked', () => {
  expect(cutText('ab😀', 3)).toBe('ab');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(30), (text, maxChars) => {
      const cut = cutText(text, maxChars);
      expect(cut.length).toBeLessThanOrEqual(maxChars);
      expect(text.startsWith(cut)).toBe(true);
      // Encoding replaces half a surrogate pair, so what survives it is whole.
      expect(Buffer.from(cut).toString()).toBe(cut);
    }),
  );
});
