import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from '../../../src/cli/import/diff-lines.ts';

test('shows what was added and taken away, with two lines around and where', () => {
  const before = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].join('\n');
  expect(diffLines(before, before.replace('5', '5\nnew').replace('9', 'nine'))).toEqual([
    '@@ line 4 @@',
    ' 4',
    ' 5',
    '+new',
    ' 6',
    ' 7',
    ' 8',
    '-9',
    '+nine',
  ]);
});

test('shows nothing of equal texts', () => {
  expect(diffLines('a\nb\n', 'a\nb\n')).toEqual([]);
});

test('whatever the texts: every line that is shown as gone was there, every one that came is there, and what changed is shown', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const shown = diffLines(before.join('\n'), after.join('\n'));
      const count = (sign: string): number => shown.filter((line) => line.startsWith(sign)).length;
      const [old, next] = [before.join('\n').split('\n').length, after.join('\n').split('\n').length];
      expect(count('+') - count('-')).toBe(next - old);
      expect(shown.length > 0).toBe(before.join('\n') !== after.join('\n'));
    }),
  );
});
