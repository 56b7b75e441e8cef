import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutMiddle } from '../../../src/batch/budget/cut-middle.ts';

test('a long path keeps the name of its file', () => {
  expect(cutMiddle('X files/home/me/projects/a/b/c/notes.md', 22)).toBe('X files…a/b/c/notes.md');
  expect(cutMiddle('X files/notes.md', 22)).toBe('X files/notes.md');
});

test('is never longer than it may be, and never holds half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (text, maxChars) => {
      const shown = cutMiddle(text, maxChars);
      expect(shown.length).toBeLessThanOrEqual(maxChars);
      expect(shown).not.toMatch(/\p{Surrogate}/u);
    }),
  );
});
