import { describe, expect, test } from 'vitest';
import { definitionOf } from '../../../src/catalog/lock/describe-tool.ts';
import { definitionLines } from '../../../src/cli/lock/definition-lines.ts';
import { lineDiff } from '../../../src/cli/lock/line-diff.ts';
import type { Tool } from '../../../src/core/tool.ts';
import { cpuMs } from '../../cpu-ms.ts';

describe('a difference of lines', () => {
  test.each<[string, string, string[]]>([
    ['a b c', 'a b c', []],
    ['a b c', 'a x c', [' a', '-b', '+x', ' c']],
    ['', 'a', ['-', '+a']],
    ['a b c d e f g', 'a b c d e f x', ['…', ' e', ' f', '-g', '+x']],
    ['x a b c d e f', 'y a b c d e f', ['-x', '+y', ' a', ' b', '…']],
    ['1 a b c d e f g 2', '3 a b c d e f g 4', ['-1', '+3', ' a', ' b', '…', ' f', ' g', '-2', '+4']],
    ['a b c d', 'b c x d', ['-a', ' b', ' c', '+x', ' d']],
  ])('%s → %s', (before, after, lines) => {
    expect(lineDiff(before.split(' '), after.split(' '))).toEqual(lines);
  });

  test('of long texts is found without comparing each line with each', () => {
    const many = (mark: string): string[] => Array.from({ length: 10_000 }, (_, index) => `${mark}${index}`);
    const startedMs = cpuMs();
    expect(lineDiff(many('a'), many('b'))).toHaveLength(20_000);
    expect(cpuMs() - startedMs).toBeLessThan(1_000);
  });
});

describe('a definition as lines', () => {
  const tool = (change: Partial<Tool>): Tool => ({ name: 'x', inputSchema: { type: 'object' }, ...change });
  const lines = (change: Partial<Tool>, part: 'description' | 'schema'): string[] =>
    definitionLines(definitionOf(tool(change)), part);

  test('shows a sentence on each, so that one word more does not change all', () => {
    expect(lines({ title: 'T', description: 'One. Two: three.\nFour' }, 'description')).toEqual([
      'title: T',
      'One.',
      'Two:',
      'three.',
      'Four',
    ]);
  });

  test('shows what nobody could see, and nothing that leads a terminal', () => {
    expect(lines({ description: 'a\u200bb\u001b[2J\r\u{e0041}' }, 'description')).toEqual([
      'a\\u200bb\\u001b[2J\\u000d\\udb40\\udc41',
    ]);
    expect(lines({ inputSchema: { 'k\u202e': '\u009b' } }, 'schema').join('')).toMatch(/^[\x20-\x7e]*$/);
  });

  test('breaks long lines, so that no difference hides behind the edge', () => {
    const broken = lines({ description: 'x'.repeat(250) }, 'description');
    expect(broken.map((line) => line.length)).toEqual([100, 100, 50]);
  });

  test('is the same for the same schema, whatever the order of its keys', () => {
    expect(lines({ inputSchema: { b: 1, a: 2 } }, 'schema')).toEqual(lines({ inputSchema: { a: 2, b: 1 } }, 'schema'));
  });
});
