import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainLine, plainText } from '../../../src/cli/terminal/plain-text.ts';

test.each([
  ['\u001b[2J\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007text', 'text'],
  ['\u001b]8;;https://example.com\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['a\u009b1mb', 'ab'],
  ['a\bb\rc\u0000', 'abc'],
  ['left\u202eright', 'leftright'],
  ['tab\tand\r\nline', 'tab\tand\nline'],
  ['grüße 你好 🙂', 'grüße 你好 🙂'],
])('%j reaches a terminal as %j', (text, plain) => {
  expect(plainText(text)).toBe(plain);
});

test('no control character of any text reaches a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(plainText(text)).not.toMatch(/[^\P{Cc}\t\n]/u);
      expect(plainLine(text)).not.toMatch(/\p{Cc}/u);
    }),
  );
});
