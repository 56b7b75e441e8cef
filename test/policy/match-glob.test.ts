import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchGlob } from '../../src/policy/match-glob.ts';

describe('a pattern of a policy', () => {
  it.each([
    ['get_*', 'get_issue', true],
    ['get_*', 'get_', true],
    ['get_*', 'forget_issue', false],
    ['*', '', true],
    ['*', 'a/b.c', true],
    ['*_read', 'issue_read', true],
    ['a*b*c', 'a--b--b--c', true],
    ['a*b*c', 'a--b--b--', false],
    ['*ab', 'aab', true],
    ['get_?', 'get_1', true],
    ['get_?', 'get_', false],
    ['get_?', 'get_12', false],
    ['?', '😀', true],
    ['*?', '', false],
    ['', '', true],
    ['', 'a', false],
    ['Get_*', 'get_issue', false],
    ['{a,b}', 'a', false],
    ['{a,b}', '{a,b}', true],
    ['[ab]', 'a', false],
    ['[ab]', '[ab]', true],
    ['!get', 'get', false],
    ['a.c', 'abc', false],
    ['get(', 'get(', true],
    ['a+', 'aa', false],
  ])('%j on %j: %j', (pattern, name, expected) => {
    expect(matchGlob(pattern, name)).toBe(expected);
  });

  it('means what the same regular expression would mean', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '_', '*', '?'), maxLength: 10 });
    fc.assert(
      fc.property(text, text, (pattern, name) => {
        const same = new RegExp(`^${pattern.replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`);
        expect(matchGlob(pattern, name)).toBe(same.test(name));
      }),
      { numRuns: 2000 },
    );
  });

  it('with many stars answers at once about a hostile name', () => {
    const pattern = `${'a*'.repeat(30)}b`;
    expect(matchGlob(pattern, 'a'.repeat(20_000))).toBe(false);
  }, 2_000);
});
