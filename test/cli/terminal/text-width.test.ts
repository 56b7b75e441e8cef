import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutText, fitText, textWidth } from '../../../src/cli/terminal/text-width.ts';

test.each([
  ['abc', 3],
  ['你好', 4],
  ['e\u0301', 1],
  ['🙂', 2],
  ['ｗｉｄｅ', 8],
  ['', 0],
])('%j takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test('a text that is cut says so, in the room it has', () => {
  expect(cutText('read_text_file', 8, '…')).toBe('read_te…');
  expect(cutText('read_text_file', 8, '...')).toBe('read_...');
  expect(cutText('你好吗', 4, '…')).toBe('你…');
  expect(cutText('abc', 2, '...')).toBe('ab');
  expect(cutText('abc', 3, '…')).toBe('abc');
});

test('a fitted text is as wide as it has to be, whatever stands in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, width) => {
      expect(textWidth(fitText(text, width, '…'))).toBe(width);
    }),
  );
});
