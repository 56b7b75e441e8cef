import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textWidth } from '../../../src/cli/terminal/text-width.ts';
import { wrapText } from '../../../src/cli/terminal/wrap-text.ts';

test('breaks at spaces, keeps line ends, and indents what follows the first line', () => {
  expect(wrapText('one two three four\nfive', { width: 9, indent: 2 })).toEqual([
    'one two',
    '  three',
    '  four',
    '  five',
  ]);
});

test('breaks a word that is wider than a line, and only such a word', () => {
  expect(wrapText('a /a/long/path b', { width: 6, indent: 2 })).toEqual(['a', '  /a/l', '  ong/', '  path', '  b']);
});

test('loses no letter and makes no line too wide, whatever the text', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '漢', '🙂'), maxLength: 200 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 6, max: 40 }), (text, width) => {
      const lines = wrapText(text, { width, indent: 2 });
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(/[ \n]/g, ''));
      expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
    }),
  );
});

test('ends, and keeps the text, on a screen without room', () => {
  expect(wrapText('漢字 ab', { width: 1, indent: 2 }).join('').replaceAll(' ', '')).toBe('漢字ab');
});
